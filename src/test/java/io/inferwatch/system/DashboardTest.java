package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Chromium;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.Payloads;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard of {@code inferwatch demo} in the installed Chromium; reported as not run where there is none. One start for
 * all but the last test, before which the sidecar is killed. What was seen lies under {@code src/test/target/dashboard}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DashboardTest {
    private static final Path SEEN = Launcher.root().resolve("src/test/target/dashboard");
    private static final Path AXE = Launcher.root().resolve("src/test/browser/axe-core-4.14.1.min.js");
    private static final Duration ALERTS = Duration.ofSeconds(30);
    /** A sample a second over the window of the demo's rule, and more than it asks for. */
    private static final int RECORDS_A_PAYLOAD = 12;

    /** Page → what is true once it shows what it is for. */
    private static final Map<String, String> PAGES = new LinkedHashMap<>();

    static {
        PAGES.put("overview", "document.querySelectorAll('.page-overview .plot canvas').length >= 6");
        PAGES.put(
                "latency",
                "document.querySelector('canvas.heatmap')?.getAttribute('aria-label')?.includes('Enter shows')"
                        + " && document.querySelectorAll('.page-latency tbody tr').length > 3");
        PAGES.put("gpus", "document.querySelectorAll('.page-gpus .gpu').length === 8");
        PAGES.put("alerts", "document.querySelector('.page-alerts .alert, .page-alerts .absence')");
        PAGES.put(
                "rules",
                "document.querySelectorAll('.page-rules .rule').length >= 3"
                        + " && document.querySelector('textarea').value.includes('signals:')");
        PAGES.put(
                "notifications",
                "document.querySelector('.page-notifications tbody tr, .page-notifications .absence')");
        PAGES.put(
                "cost", "document.querySelector('.page-cost canvas') && document.querySelector('.page-cost tbody tr')");
        PAGES.put("setup", "document.querySelectorAll('.checklist li.done').length >= 4");
    }

    private static final List<String> SHOWS_LABELS = List.of("overview", "latency", "alerts", "rules", "setup");

    private RunningSidecar demo;
    private Chromium browser;
    private String axe;

    @BeforeAll
    void start() throws IOException {
        Optional<Path> binary = Chromium.installed();
        Assumptions.assumeTrue(binary.isPresent(), "not run: Chromium is not installed (apt-get install chromium)");
        axe = Files.readString(AXE);
        demo = RunningSidecar.with().command("demo").start();
        long ready = System.nanoTime();
        browser = new Chromium(binary.orElseThrow());
        // Runs before the page's own scripts: what the content policy refuses is remembered.
        browser.call(
                "Page.addScriptToEvaluateOnNewDocument",
                Map.of(
                        "source",
                        "window.refused = []; addEventListener('securitypolicyviolation',"
                                + " (event) => window.refused.push(event.violatedDirective + ' ' + event.sample));"));
        browser.size(1400, 900);
        browser.open(address("overview"));
        browser.await(shown("overview"));
        System.out.println(
                "first chart " + Duration.ofNanos(System.nanoTime() - ready).toMillis()
                        + " ms after the sidecar was ready, the browser's start included");
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

    @BeforeEach
    void light() {
        browser.scheme("light");
        browser.size(1400, 900);
    }

    private String address(String page) {
        return demo.api().uri("/").toString() + "#/" + page;
    }

    private static String shown(String page) {
        return Objects.requireNonNull(PAGES.get(page), page);
    }

    private void show(String page) {
        browser.evaluate("location.hash = '#/" + page + "'");
        browser.await("document.querySelector('.page-" + page.replaceAll("\\?.*", "") + "')");
        browser.await(shown(page.replaceAll("\\?.*", "")));
        assertThat(browser.text(".failure")).as(page).isEmpty();
    }

    private void nothingWentWrong() {
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.evaluate("window.refused")).isEmpty();
    }

    @Test
    @Order(1)
    void everyPage_shows_inLightAndDark_wideAndNarrow_andAxeFindsNothingSerious() {
        browser.await("document.querySelector('.freshness .dot.good')");
        for (String page : PAGES.keySet()) {
            for (String scheme : List.of("light", "dark")) {
                browser.scheme(scheme);
                show(page);
                noValueIsTakenForAText();
                assertThat(seriousFindings()).as(page + ", " + scheme).isEmpty();
                browser.screenshot(SEEN.resolve(page + "-" + scheme + ".png"));
            }
            browser.size(390, 844);
            browser.await("document.documentElement.scrollWidth <= 390");
            nothingIsOutOfSight(".scrolling:not(:has(.slim))");
            browser.screenshot(SEEN.resolve(page + "-narrow.png"));
            browser.size(1024, 768);
            browser.await("document.querySelectorAll('.card.model').length === 3");
            nothingIsOutOfSight(".card h2 .name");
            browser.size(1400, 900);
        }
        nothingWentWrong();
    }

    /** No column of a table beside the window, no name cut. */
    private void nothingIsOutOfSight(String selector) {
        assertThat(texts(browser.evaluate("[...document.querySelectorAll(" + Chromium.quoted(selector) + ")]"
                        + ".filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)")))
                .isEmpty();
    }

    private void noValueIsTakenForAText() {
        assertThat(browser.evaluate("document.body.innerText.match(/.{0,40}(\\[object |undefined|NaN).{0,40}/g) ?? []"))
                .isEmpty();
    }

    private List<String> seriousFindings() {
        browser.evaluate("if (!window.axe) { " + axe + " }");
        JsonNode found = browser.evaluate(
                "axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations"
                        + ".filter((one) => ['serious', 'critical'].includes(one.impact))"
                        + ".map((one) => one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200) + ' ' + node.failureSummary).join(' | ')))");
        return texts(found);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    @Test
    @Order(3)
    void anAlert_isAcknowledged_andSilenced_withTheTokenTypedOnce() {
        Await.until("an alert fires: " + demo.log(), Duration.ofSeconds(60), () -> !firing().isEmpty());
        show("alerts");
        browser.await("document.querySelector('.alert .actions button')");
        press(".alert .actions button", "Acknowledge");
        answer(Map.of("by", "ada"), "Acknowledge");
        answer(Map.of("token", demo.api().adminToken()), "Use it");
        browser.await("document.querySelector('#toasts')?.textContent.includes('is acknowledged')");
        browser.await("document.querySelector('.alert .actions')?.textContent.includes('acknowledged by ada')");
        press(".alert .actions button", "Silence …");
        answer(Map.of("by", "ada", "why", "a planned load test"), "Silence");
        browser.await("document.querySelector('.page-alerts')?.textContent.includes('a planned load test')");
        JsonNode silences = demo.api().read("/api/v1/silences").path("silences");
        assertThat(silences.findValuesAsText("why")).contains("a planned load test");
        press(".page-alerts td button", "End it");
        browser.await("!document.querySelector('.page-alerts').textContent.includes('a planned load test')");
        nothingWentWrong();
    }

    private JsonNode firing() {
        return demo.api().read("/api/v1/alerts", "state", "firing").path("alerts");
    }

    private void press(String selector, String text) {
        String found = "[...document.querySelectorAll(" + Chromium.quoted(selector)
                + ")].find((one) => one.textContent === " + Chromium.quoted(text) + ")";
        // Found and pressed in one go: between two, the page may draw the button anew.
        browser.await("((one) => one && (one.click(), true))(" + found + ")");
    }

    /** Fills the dialog that is open, sends it off, and waits until it is gone. */
    private void answer(Map<String, String> values, String button) {
        fillIn(values, button);
        browser.await("![...document.querySelectorAll('dialog[open] [name]')].some((one) => one.name === '"
                + values.keySet().iterator().next() + "')");
    }

    private void fillIn(Map<String, String> values, String button) {
        values.forEach((name, value) -> {
            String control = "document.querySelector('dialog[open] [name=" + name + "]')";
            browser.await("((one) => one && (one.value = " + Chromium.quoted(value) + ", true))(" + control + ")");
        });
        press("dialog[open] button", button);
    }

    @Test
    @Order(2)
    void theArrowKeys_moveOneCursorOverAllCharts_andOverTheHeatmap_enterShowsTheSlowestOfAColumn() {
        show("overview");
        // Pressed at each look: a chart that was drawn anew meanwhile has lost its cursor.
        browser.await(pressed(".plot-canvas", "ArrowLeft")
                + " && document.querySelector('.plot [aria-live]').textContent.includes('llama-3.3-70b')"
                + " && ((times) => times.length >= 6 && new Set(times).size === 1)"
                + "([...document.querySelectorAll('.plot .legend > .muted.small')].map((one) => one.textContent))");
        show("latency");
        browser.await(pressed("canvas.heatmap", "ArrowLeft")
                + " && / requests, p50 /.test(document.querySelector('.readout').textContent)");
        browser.await("document.querySelector('.page-latency .spectrum canvas')"
                + " && document.querySelector('.page-latency .spectrum table').textContent.includes('p99')");
        browser.evaluate(pressed("canvas.heatmap", "Enter"));
        browser.await(
                "document.querySelector('.page-latency h2[tabindex]').textContent.startsWith('Slowest requests of ')"
                        + " && document.querySelector('.page-latency h2[tabindex] + div tbody tr')");
        nothingWentWrong();
    }

    /** An expression that presses a key on an element and is true. */
    private static String pressed(String selector, String key) {
        return "[document.querySelector(" + Chromium.quoted(selector) + ")].every((one) => one.dispatchEvent("
                + "new KeyboardEvent('keydown', {key: '" + key + "', bubbles: true})) || true)";
    }

    @Test
    @Order(4)
    void rules_areCheckedInPlace_triedOnThePast_putInForce_andTakenBack() {
        show("rules");
        browser.evaluate("document.querySelector('textarea').value = document.querySelector('textarea').value"
                + ".replace('metric: llm.ttft', 'metric: llm.tttf')");
        press(".page-rules button", "Check");
        browser.await("document.querySelector('.gutter .wrong') && document.querySelector('.outcome .problems li')");
        assertThat(browser.text(".outcome")).contains("llm.tttf", "llm.ttft");
        browser.screenshot(SEEN.resolve("rules-wrong.png"));
        browser.evaluate("document.querySelector('textarea').value = document.querySelector('textarea').value"
                + ".replace('metric: llm.tttf', 'metric: llm.ttft')");
        press(".page-rules button", "Check");
        browser.await("document.querySelector('.outcome .chip.good')");
        press(".page-rules button", "Backtest");
        browser.await("document.querySelector('.outcome')?.textContent.includes('From ')");
        noValueIsTakenForAText();
        browser.evaluate(
                "document.querySelector('textarea').value = '# tried\\n' + document.querySelector('textarea').value");
        press(".page-rules button", "Dry run");
        browser.await("document.querySelector('.outcome')?.textContent.includes('no rule changes')");
        assertThat(demo.api().get("/api/v1/rules/source").text()).doesNotContain("# tried");
        press(".page-rules button", "Put in force");
        browser.await("document.querySelector('.outcome')?.textContent.includes('version 2 is in force')");
        assertThat(demo.api().get("/api/v1/rules/source").text()).startsWith("# tried");
        press(".page-rules td button", "Go back to version 1");
        press("dialog[open] button", "Go back");
        browser.await("document.querySelector('#toasts').textContent.includes('version 1 is in force again')");
        assertThat(demo.api().get("/api/v1/rules/source").text()).doesNotContain("# tried");
        assertThat(browser.evaluate("window.refused")).isEmpty();
        // The browser itself says on the console that a check was answered with 422.
        assertThat(browser.complaints()).allMatch(one -> one.contains("/api/v1/rules/check") && one.contains("422"));
    }

    @Test
    @Order(5)
    void twoHundredHostileLabels_areTextEverywhere() {
        int before = browser.complaints().size();
        List<String> payloads = Payloads.all();
        assertThat(payloads).hasSize(200).doesNotHaveDuplicates();
        demo.api()
                .post(
                        SidecarApi.REQUESTS,
                        SidecarApi.NDJSON,
                        payloads.stream().map(DashboardTest::records).collect(Collectors.joining()))
                .json(202);
        demo.api().post("/api/v1/events", SidecarApi.JSON, json(Map.of("kind", "deploy", "text", payloads.getFirst())));
        Await.until("hostile alerts fire", ALERTS, () -> firing().size() >= payloads.size() / 4);
        for (String page : PAGES.keySet()) {
            show(page);
            if (SHOWS_LABELS.contains(page)) {
                browser.await("document.querySelector('#content').textContent.includes('window.xss=1')");
            }
            browser.await("document.querySelector('#strip').textContent.includes('window.xss=1')");
            // What shows only under the pointer or when it is opened.
            browser.evaluate(
                    "document.querySelectorAll('details').forEach((one) => { one.open = true; });"
                            + " document.querySelectorAll('.u-over, canvas.heatmap').forEach((one) => one.dispatchEvent("
                            + "new MouseEvent('mousemove', {bubbles: true, clientX: 700, clientY: one.getBoundingClientRect().top + 20})))");
            browser.screenshot(SEEN.resolve(page + "-hostile.png"));
        }
        show("latency?model=" + URLEncoder.encode(payloads.getLast(), StandardCharsets.UTF_8));
        assertThat(browser.evaluate("window.xss ?? null").isNull()).isTrue();
        assertThat(browser.evaluate("window.refused")).isEmpty();
        assertThat(browser.complaints()).hasSize(before);
    }

    private static String records(String payload) {
        String line = json(Map.of(
                        "model",
                        payload,
                        "server",
                        payload,
                        "route",
                        payload,
                        "ttft_ms",
                        9_000,
                        "latency_ms",
                        9_900,
                        "output_tokens",
                        20))
                + "\n";
        String named =
                json(Map.of("model", payload, "request_id", payload, "ttft_ms", 9_100, "latency_ms", 9_900)) + "\n";
        return line.repeat(RECORDS_A_PAYLOAD) + named;
    }

    private static String json(Map<String, Object> fields) {
        return new ObjectMapper().valueToTree(fields).toString();
    }

    @Test
    @Order(6)
    void dataThatNoLongerComes_looksStale_andALostSidecarIsSaidOnABanner() {
        show("overview");
        browser.await("!document.body.classList.contains('is-stale')");
        demo.signal("STOP");
        browser.await("document.body.classList.contains('is-stale')");
        browser.screenshot(SEEN.resolve("overview-stale.png"));
        demo.signal("CONT");
        browser.await("!document.body.classList.contains('is-stale')");
        demo.kill();
        browser.await("document.querySelector('#banner').textContent.includes('does not answer')");
        browser.await("document.body.classList.contains('is-lost') && document.body.classList.contains('is-stale')");
        browser.screenshot(SEEN.resolve("overview-lost.png"));
    }

    @Test
    @Order(7)
    void aFirstStart_asksOnceForTheReadToken_andShowsTheFirstSteps_untilTheFirstRequest(@TempDir Path folder)
            throws IOException {
        String ingest = "i".repeat(40);
        String read = "r".repeat(40);
        String config = "auth: {ingest_token_file: %s, read_token_file: %s}%n"
                .formatted(secret(folder.resolve("ingest"), ingest), secret(folder.resolve("read"), read));
        try (RunningSidecar guarded = RunningSidecar.with().config(config).start()) {
            browser.open(guarded.api().uri("/").toString());
            fillIn(Map.of("token", "wrong"), "Use it");
            browser.await("document.querySelector('dialog[open]')?.textContent.includes('not the read token')");
            assertThat(browser.evaluate("document.querySelectorAll('dialog').length")
                            .asInt())
                    .isEqualTo(1);
            answer(Map.of("token", read), "Use it");
            browser.await("document.querySelector('main')?.textContent.includes('waiting for the first request')");
            browser.screenshot(SEEN.resolve("overview-first-start.png"));
            assertThat(guarded.api()
                            .send(
                                    "POST",
                                    SidecarApi.REQUESTS,
                                    json(Map.of("model", "m", "ttft_ms", 120, "latency_ms", 900)),
                                    "Content-Type",
                                    SidecarApi.JSON,
                                    "Authorization",
                                    "Bearer " + ingest)
                            .status())
                    .isEqualTo(202);
            browser.await("!document.querySelector('main').textContent.includes('waiting for the first request')"
                    + " && document.querySelector('.card.model')");
            assertThat(browser.evaluate("location.href").asText()).doesNotContain(read);
        }
    }

    private static Path secret(Path file, String text) throws IOException {
        Files.writeString(file, text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
