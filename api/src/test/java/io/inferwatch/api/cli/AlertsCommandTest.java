package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AlertsCommandTest {
    @Test
    void everyLeafIsExplained_unknownOnesToo() {
        String why = AlertsCommand.why(Json.object("""
                {"id": "a1", "rule": "slow", "labels": {"model": "m"}, "why": [
                  {"leaf": "ttft", "value": 612.5, "unit": "ms", "op": ">", "threshold": 500, "held": "5m",
                   "result": true, "samples": 40, "baseline": 100, "spark": "▁█"},
                  {"leaf": "queue", "value": null, "unit": "", "op": ">", "threshold": 5, "held": "0s",
                   "result": null, "reason": "no data", "samples": 0, "baseline": null, "spark": ""}]}
                """));
        assertThat(why)
                .contains("a1 slow {model=m}\n")
                .contains("TRUE  ttft = 612.500 ms > 500 ms for 5m (40 samples) · baseline 100 ms ▁█")
                .contains("UNKNOWN: no data  queue = – > 5 for 0s (0 samples)");
    }
}
