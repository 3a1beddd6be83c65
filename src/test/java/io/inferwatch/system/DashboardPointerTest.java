package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Chromium;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RunningSidecar;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Hand and keys on the charts of the demo's dashboard in the installed Chromium; reported as not run where there is none. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardPointerTest {
    private static final Path SEEN = Launcher.root().resolve("src/test/target/dashboard");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String HEADING = "document.querySelector('.page-latency h2[tabindex]').textContent";
    private static final String TIMES = " of [0-9:]{8} to [0-9:]{8}";

    private RunningSidecar demo;
    private Chromium browser;

    @BeforeAll
    void start() {
        Optional<Path> binary = Chromium.installed();
        Assumptions.assumeTrue(binary.isPresent(), "not run: Chromium is not installed (apt-get install chromium)");
        demo = RunningSidecar.with().command("demo").start();
        browser = new Chromium(binary.orElseThrow());
        browser.size(1400, 1000);
    }

    @AfterAll
    void stop() {
        if (browser != null) {
            browser.close();
        }
        if (demo != null) {
            demo.close();
        }
    }

    private void open(String page) {
        // Another address each time: of the same one the page would stay as it is.
        browser.open(demo.api().uri("/?" + System.nanoTime()).toString() + "#/" + page);
    }

    private void openLatency() {
        open("latency");
        browser.await("document.querySelector('canvas.heatmap')?.getAttribute('aria-label')?.includes('Enter shows')"
                + " && document.querySelectorAll('.page-latency tbody tr').length > 3");
        browser.evaluate("document.querySelector('canvas.heatmap').scrollIntoView({block: 'center'})");
    }

    private double[] box(String selector) {
        JsonNode box =
                browser.evaluate("(({left, top, width, height}) => [left, top, width, height])(document.querySelector("
                        + Chromium.quoted(selector) + ").getBoundingClientRect())");
        return new double[] {
            box.path(0).asDouble(),
            box.path(1).asDouble(),
            box.path(2).asDouble(),
            box.path(3).asDouble()
        };
    }

    private String readout() {
        return browser.evaluate("document.querySelector('.readout').textContent")
                .asText();
    }

    /** Down from the top of a column that is complete, to the first cell that holds requests; pressed there. */
    private boolean clickedTheSlowestCell() {
        double[] map = box("canvas.heatmap");
        double x = map[0] + map[2] - 8 - (map[2] - 72) * 0.25;
        for (double y = map[1] + 10; y < map[1] + map[3] - 26; y += 3) {
            browser.pointAt(x, y);
            if (readout().matches(".*; [1-9][0-9,]* of .*")) {
                browser.click(x, y);
                return true;
            }
        }
        return false;
    }

    /** The last question that the page asked for slow requests of some values. */
    private URI asked() {
        String last = browser.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"
                        + ".filter((name) => name.includes('/slowest?') && /at_least=|below=/.test(name)).at(-1) ?? ''")
                .asText();
        return URI.create(last);
    }

    private List<String> shownIds() {
        return texts(
                browser.evaluate(
                        "[...document.querySelectorAll('.page-latency h2[tabindex] + div tbody tr code')].map((one) => one.textContent)"));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    private static String parameter(URI uri, String name) {
        for (String pair : uri.getQuery().split("&")) {
            if (pair.startsWith(name + "=")) {
                return pair.substring(name.length() + 1);
            }
        }
        return "";
    }

    /** What the page shows is what the API has of that time and of those values, and all of it lies there. */
    private void showsTheSlowestOfTheCell() {
        URI asked = asked();
        Instant from = Instant.parse(parameter(asked, "from"));
        Instant to = Instant.parse(parameter(asked, "to"));
        assertThat(Duration.between(from, to)).isEqualTo(Duration.ofSeconds(10));
        JsonNode answer =
                demo.api().get(asked.getPath() + "?" + asked.getRawQuery()).json(200);
        assertThat(shownIds()).isNotEmpty().isEqualTo(answer.path("requests").findValuesAsText("request_id"));
        String atLeast = parameter(asked, "at_least");
        String below = parameter(asked, "below");
        assertThat(StreamSupport.stream(answer.path("requests").spliterator(), false))
                .allSatisfy(one -> {
                    assertThat(Instant.parse(one.path("at").asText())).isBetween(from, to);
                    double value = one.path("value").asDouble();
                    assertThat(value).isGreaterThanOrEqualTo(atLeast.isEmpty() ? 0 : Double.parseDouble(atLeast));
                    assertThat(value)
                            .isLessThan(below.isEmpty() ? Double.POSITIVE_INFINITY : Double.parseDouble(below));
                });
    }

    @Test
    void aClickOnACell_leadsToTheSlowestRequestsOfItsTimeAndValues_andSoDoTheKeys() {
        openLatency();
        Await.until("a cell is clicked whose requests are remembered: " + browser.text("body"), PATIENCE, () -> {
            if (!clickedTheSlowestCell()) {
                return false;
            }
            browser.await(HEADING + ".startsWith('Slowest requests of ')");
            return !shownIds().isEmpty() && !isForgotten();
        });
        assertThat(browser.evaluate(HEADING).asText())
                .matches("Slowest requests" + TIMES + ", [0-9.]+\u00a0m?s (to [0-9.]+\u00a0m?s|and more)");
        showsTheSlowestOfTheCell();
        browser.screenshot(SEEN.resolve("latency-cell.png"));

        openLatency();
        browser.evaluate("document.querySelector('canvas.heatmap').focus()");
        for (String key : List.of("ArrowLeft", "ArrowLeft", "ArrowLeft")) {
            browser.press(key);
        }
        assertThat(readout()).matches(".* requests, p50 .*; [1-9][0-9,]* of .* to .*");
        String slowest = readout();
        browser.press("ArrowDown");
        assertThat(readout()).isNotEqualTo(slowest);
        browser.press("ArrowUp");
        assertThat(readout()).isEqualTo(slowest);
        browser.press("Enter");
        browser.await(HEADING + ".startsWith('Slowest requests of ')");
        showsTheSlowestOfTheCell();
        assertThat(browser.evaluate("document.activeElement.matches('h2[tabindex]')")
                        .asBoolean())
                .as("who pressed Enter reads on there")
                .isTrue();
        assertThat(browser.complaints()).isEmpty();
    }

    private boolean isForgotten() {
        return browser.text(".page-latency h2[tabindex] + div").startsWith("none of these is remembered");
    }

    @Test
    void theMouseOverOneChart_movesTheCursorOfAll_theAlertsAmongThem() {
        open("overview");
        browser.await("document.querySelectorAll('.page-overview .plot canvas').length >= 6");
        // The demo's first incident gives the alerts a lane.
        browser.await("document.querySelector('.page-overview .lanes .uplot')");
        for (double share : List.of(0.5, 0.8)) {
            browser.await("document.querySelector('.page-overview .plot:nth-of-type(3) .u-over')");
            double[] chart = box(".page-overview .plot:nth-of-type(3) .u-over");
            double x = chart[0] + chart[2] * share;
            // Pointed at anew at each look: a chart that was drawn anew meanwhile has lost its cursor.
            Await.until("one cursor over all charts, near " + x + ": " + cursors(), PATIENCE, () -> {
                browser.pointAt(x - 3, chart[1] + 20);
                browser.pointAt(x, chart[1] + 20);
                List<Double> at = cursors();
                return at.size() >= 7
                        && at.stream().allMatch(one -> Math.abs(one - x) < chart[2] / 4)
                        && at.stream().mapToDouble(one -> one).max().orElse(0)
                                        - at.stream()
                                                .mapToDouble(one -> one)
                                                .min()
                                                .orElse(99)
                                < 2;
            });
            assertThat(
                            texts(
                                    browser.evaluate(
                                            "[...document.querySelectorAll('.page-overview .plot .legend > .muted.small')].map((one) => one.textContent)")))
                    .as("the time under the cursor, in each legend")
                    .hasSizeGreaterThanOrEqualTo(6)
                    .containsOnly(browser.evaluate(
                                    "document.querySelector('.page-overview .plot .legend > .muted.small').textContent")
                            .asText());
        }
        browser.screenshot(SEEN.resolve("overview-cursor.png"));
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void theExplorerShowsEveryRoute_andAsksForNothingThatIsNotThere() {
        browser.open(demo.api().uri("/docs").toString());
        browser.await("document.querySelectorAll('.opblock').length >= 40");
        assertThat(browser.evaluate("document.querySelectorAll('.errors-wrapper').length")
                        .asInt())
                .isZero();
        assertThat(browser.complaints()).isEmpty();
    }

    private List<Double> cursors() {
        List<Double> at = new ArrayList<>();
        browser.evaluate(
                        "[...document.querySelectorAll('.page-overview .uplot .u-cursor-x')].map((one) => one.getBoundingClientRect().right)")
                .forEach(one -> at.add(one.asDouble()));
        return at;
    }
}
