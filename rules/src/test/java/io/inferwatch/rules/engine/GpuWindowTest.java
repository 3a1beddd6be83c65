package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.GpuWindow;
import io.inferwatch.rules.testing.EngineRun;
import io.inferwatch.rules.testing.RuleTexts;
import io.inferwatch.rules.testing.ScriptedView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An alert about requests tells what the GPUs of its server did in its window, and nothing of other servers' GPUs. */
class GpuWindowTest {
    private static final Instant START = EngineRun.START;
    private static final String RULES = """
            version: 1
            signals:
              ttft_p99: {metric: llm.ttft, agg: p99, over: 1m, by: [server]}
              celsius: {metric: gpu.temperature, agg: max, over: 1m, by: [gpu]}
            rules:
              slow:
                signal: ttft_p99
                description: "{{ why }}"
                tiers: {P1: {above: 1s}}
              hot:
                signal: celsius
                tiers: {P2: {above: 80C}}
            """;

    private final ScriptedView view = new ScriptedView();
    private final RuleEngine engine = new RuleEngine(RuleTexts.rules(RULES), ExpectedInstances.ALL);

    private static LabelSet gpu(int index, String server) {
        LabelSet labels = LabelSet.of("gpu", Integer.toString(index), "uuid", "GPU-" + index);
        return server.isEmpty() ? labels : labels.plus(LabelSet.of("server", server));
    }

    private void slow(String server) {
        LabelSet labels = LabelSet.of("model", "m", "server", server, "outcome", "success");
        view.add("llm.ttft", labels, START.minusSeconds(5), 1_500);
    }

    /** Throttled so many seconds of the last minute. */
    private void throttled(LabelSet gpu, String reason, double seconds) {
        view.add("gpu.throttle", gpu.plus(LabelSet.of("reason", reason)), START.minusSeconds(10), seconds);
    }

    private void watts(LabelSet gpu, double watts) {
        view.add("gpu.power", gpu, START.minusSeconds(2), watts);
    }

    private List<Alert> alerts() {
        return engine.tick(START, view.at(START)).alerts();
    }

    @Test
    void anAlertOnOneServer_namesItsOwnGpusAndNoOthers_andSaysWhichWasThrottled() {
        slow("a");
        throttled(gpu(3, "a"), "hw_thermal", 20);
        throttled(gpu(3, "a"), "sw_thermal", 4.6);
        throttled(gpu(0, "b"), "hw_power_brake", 30);
        for (int i = 0; i < 4; i++) {
            watts(gpu(i, i < 2 ? "b" : "a"), 400 + i);
        }
        view.add("gpu.sm.utilization", gpu(3, "a").plus(LabelSet.of("source", "gpm")), START.minusSeconds(1), 62);

        Alert alert = alerts().getFirst();

        assertThat(alert.gpus()).extracting(GpuWindow::gpu).containsExactly("2", "3");
        assertThat(alert.gpus().get(1).throttledShares()).containsOnlyKeys("hw_thermal", "sw_thermal");
        assertThat(alert.gpus().get(1).words()).containsExactly("GPU 3 was thermally throttled 41 % of the window");
        assertThat(alert.description())
                .isEqualTo("ttft_p99=1.5s > 1s\n"
                        + "GPU 3 was thermally throttled 41 % of the window (SM 62 %, 403 W)\nGPU 2: 402 W");
        assertThat(engine.snapshot().rules().getFirst().instances().getFirst().gpus())
                .isEqualTo(alert.gpus());
    }

    @Test
    void whereNoGpuBearsAServersName_allAreThere_andTheMessageNamesOnlyThoseThatMayBeTheCause() {
        slow("a");
        for (int i = 0; i < 12; i++) {
            watts(gpu(i, ""), 400);
        }
        view.add("gpu.xid", gpu(11, "").plus(LabelSet.of("xid", "94", "kind", "restart_app")), START, 1);

        Alert alert = alerts().getFirst();

        assertThat(alert.gpus()).hasSize(12).extracting(GpuWindow::gpu).startsWith("0", "1", "2");
        assertThat(alert.description()).isEqualTo("ttft_p99=1.5s > 1s\nGPU 11 reported 1 XID error (400 W)");
    }

    @Test
    void aGpuThatGotItsServerWithinTheWindow_isToldOnce() {
        slow("a");
        watts(gpu(0, ""), 300);
        watts(gpu(0, "a"), 500);

        assertThat(alerts().getFirst().gpus()).singleElement().satisfies(window -> {
            assertThat(window.server()).contains("a");
            assertThat(window.powerWatts()).hasValue(500);
            assertThat(window.dramPercent()).isEmpty();
        });
    }

    @Test
    void anAlertAboutAGpu_tellsOfNoOtherGpus() {
        view.add("gpu.temperature", gpu(1, "a"), START.minusSeconds(1), 91);
        watts(gpu(1, "a"), 500);

        assertThat(alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.gpus()).isEmpty());
    }

    @Test
    void linesOfAMessageAreBounded() {
        slow("a");
        for (int i = 0; i < 16; i++) {
            throttled(gpu(i, "a"), "hw_thermal", 6);
        }
        Alert alert = alerts().getFirst();

        assertThat(alert.gpus()).hasSize(16);
        assertThat(GpuWindow.lines(alert.labels(), alert.gpus()))
                .hasSize(GpuWindow.MAX_LINES)
                .first()
                .isEqualTo("GPU 0 was thermally throttled 10 % of the window");
    }

    /** What it reads must be kept in memory: the store keeps what the rules ask for. */
    @Test
    void questionsToTheGpusAreAmongThoseOfTheRules_forTheWindowOfTheRule() {
        assertThat(RuleTexts.rules(RULES).queries())
                .filteredOn(query -> query.selection().metric().name().equals("gpu.throttle"))
                .singleElement()
                .satisfies(query -> assertThat(query.over()).isEqualTo(Duration.ofMinutes(1)));
    }
}
