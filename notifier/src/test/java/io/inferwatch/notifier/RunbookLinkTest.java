package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers.Call;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunbookLinkTest {
    @TempDir
    Path folder;

    private record Told(Call pagerDuty, Call slack) {}

    private Told told(String runbook) {
        try (Sidecar sidecar = new Sidecar(folder)) {
            sidecar.routeAllTo(sidecar.pagerDuty("pager", Map.of()), sidecar.slack("chat", Map.of()));
            sidecar.engine.runbook = runbook;
            sidecar.firing.put(Engine.key("ttft_slow", "model", "llama"), Tier.P1);
            sidecar.tick();
            assertThat(sidecar.receivers.faults).isEmpty();
            return new Told(call(sidecar, "/v2/enqueue"), call(sidecar, "chat.postMessage"));
        }
    }

    private static Call call(Sidecar sidecar, String path) {
        return sidecar.receivers.calls.stream()
                .filter(call -> call.path().endsWith(path))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aWebAddressIsALink() {
        Told told = told("https://runbooks.example/ttft?a=1&b=2");

        assertThat(told.pagerDuty().body().get("links")).asString().contains("https://runbooks.example/ttft?a=1&b=2");
        assertThat(told.slack().raw()).contains("<https://runbooks.example/ttft?a=1&amp;b=2|Runbook>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docs/runbooks/ttft_slow.md",
                "/docs/runbooks/ttft_slow.md",
                "file:///docs/runbooks/ttft_slow.md",
                "javascript:alert(1)",
                "http:docs/runbooks/ttft_slow.md",
                "<https://runbooks.example|docs>"
            })
    void anythingElseIsTextAndNoLink(String runbook) {
        Told told = told(runbook);

        assertThat(told.pagerDuty().body()).doesNotContainKey("links");
        assertThat(told.pagerDuty().raw()).contains("\"runbook\":\"" + runbook + "\"");
        assertThat(told.slack().raw())
                .doesNotContain("|Runbook>")
                .doesNotContain("<" + runbook)
                .doesNotContain("<https://runbooks")
                .contains("Runbook: ");
    }
}
