package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Json;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers.Call;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every message says of each leaf what it saw, also of one that does not hold and of one that is not known. */
class WhyInMessagesTest {
    private static final List<String> LINES = List.of(
            "ttft_p95=5400ms > 5000ms for 2m (412 samples) ▁▂▅▇",
            "queue=0 count > 2 count not met for 30s",
            "quality=missing < 0.7 unknown: 12 samples of 50",
            "server_down at P0 or above not met for 3m",
            "latency=3.5x > 2x for 10m (900 samples) (700ms against baseline 200ms) ▂▂█");

    @TempDir
    Path folder;

    private static LeafEvidence leaf(
            String name, OptionalDouble value, String unit, String op, double threshold, Duration held) {
        return new LeafEvidence(
                name,
                value,
                unit,
                op,
                OptionalDouble.of(threshold),
                held,
                Optional.of(false),
                "",
                0,
                OptionalDouble.empty(),
                "");
    }

    private static List<LeafEvidence> leaves(List<LeafEvidence> first) {
        LeafEvidence unknown = new LeafEvidence(
                "quality",
                OptionalDouble.empty(),
                "",
                "<",
                OptionalDouble.of(0.7),
                Duration.ofMinutes(1),
                Optional.empty(),
                "12 samples of 50",
                0,
                OptionalDouble.empty(),
                "");
        LeafEvidence compared = new LeafEvidence(
                "latency",
                OptionalDouble.of(3.5),
                "x",
                ">",
                OptionalDouble.of(2),
                Duration.ofMinutes(10),
                Optional.of(true),
                "",
                900,
                OptionalDouble.of(200),
                "▂▂█",
                OptionalDouble.of(700),
                "ms");
        LeafEvidence notMet = leaf("queue", OptionalDouble.of(0), "count", ">", 2, Duration.ofSeconds(30));
        LeafEvidence otherRule = new LeafEvidence(
                "server_down",
                OptionalDouble.empty(),
                "",
                "at P0 or above",
                OptionalDouble.empty(),
                Duration.ofMinutes(3),
                Optional.of(false),
                "",
                0,
                OptionalDouble.empty(),
                "");
        return List.of(first.getFirst(), notMet, unknown, otherRule, compared);
    }

    private static Call call(Sidecar sidecar, String path) {
        return sidecar.receivers.calls.stream()
                .filter(call -> call.path().endsWith(path))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eachLeafHasItsLine_atPagerDutyAndSlackAndTheWebhook() {
        try (Sidecar sidecar = new Sidecar(folder)) {
            sidecar.routeAllTo(
                    sidecar.pagerDuty("pager", Map.of()), sidecar.slack("chat", Map.of()), sidecar.webhook("hook"));
            sidecar.engine.why = leaves(sidecar.engine.why);
            sidecar.firing.put(Engine.key("ttft_slow", "model", "llama"), Tier.P1);
            sidecar.tick();

            Map<String, Object> payload =
                    Json.object(call(sidecar, "/v2/enqueue").body().get("payload"));
            Map<String, Object> details = Json.object(payload.get("custom_details"));
            assertThat(details)
                    .containsEntry("tier", "P1")
                    .containsEntry("rule", "ttft_slow")
                    .containsEntry("why", LINES)
                    .containsKeys("value", "labels", "description", "instances");
            assertThat(String.valueOf(call(sidecar, "chat.postMessage").body().get("blocks")))
                    .contains(LINES.stream()
                            .map(line -> line.replace("<", "&lt;").replace(">", "&gt;"))
                            .toList());
            assertThat(sidecar.receivers.hooks).singleElement().asString().contains(LINES);
            assertThat(sidecar.receivers.faults).isEmpty();
        }
    }
}
