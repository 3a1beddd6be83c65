package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What doctor makes of {@code GET /api/v1/sources}. */
class ServerChecksTest {
    private final Checkup checkup = new Checkup();

    private List<String> said(Map<String, Object> sources) {
        new ServerChecks(checkup).ofSidecar(sources);
        return checkup.lines().stream()
                .map(line -> line.outcome().name() + " " + line.subject() + ": " + line.text())
                .toList();
    }

    @Test
    void foundServersAreCounted_andWhatWasPassedOverIsNoNews() {
        Map<String, Object> discovery = Map.of(
                "gpu_processes",
                2,
                "hidden_processes",
                0,
                "servers",
                List.of(Map.of("server", "vllm-8000")),
                "passed_over",
                List.of(Map.of("port", 29_500, "pid", 4_890, "command", "pt", "reason", "no page")));

        assertThat(said(Map.of("sources", List.of(), "discovery", discovery)))
                .containsExactly("OK discover: 1 servers found behind 2 processes that hold GPUs");
    }

    @Test
    void whatStandsInTheWayIsSaid_whenNoServerIsFound() {
        Map<String, Object> discovery = Map.of(
                "gpu_processes",
                2,
                "hidden_processes",
                1,
                "servers",
                List.of(),
                "passed_over",
                List.of(Map.of("port", 29_500, "pid", 4_890, "command", "pt", "reason", "no page")));

        assertThat(said(Map.of("sources", List.of(), "discovery", discovery)))
                .satisfiesExactly(
                        found -> assertThat(found).startsWith("OK discover: 0 servers found"),
                        hidden -> assertThat(hidden)
                                .startsWith("NOTE discover: 1 processes")
                                .contains("hostPID"),
                        port -> assertThat(port).isEqualTo("NOTE discover: port 29500 of process 4890 (pt): no page"));
    }
}
