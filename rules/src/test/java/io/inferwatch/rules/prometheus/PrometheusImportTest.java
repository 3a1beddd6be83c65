package io.inferwatch.rules.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.testing.RuleTexts;
import io.inferwatch.rules.yaml.Problem;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusImportTest {
    private static PrometheusImport.Result translate(String expr) {
        return file("""
                groups:
                  - name: g
                    rules:
                      - alert: A
                        expr: '%s'
                        for: 5m
                        labels: {severity: critical}
                """.formatted(expr.replace("'", "''")));
    }

    private static PrometheusImport.Result file(String text) {
        return new PrometheusImport(new RuleLoader(Set.of(), ReceiverChecker.NONE)).translate("prom.yml", text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            vllm:kv_cache_usage_perc > 0.9 | metric: llm.kv_cache.usage, agg: last, over: 5m, by: [model, server] | above: 0.9
            DCGM_FI_DEV_GPU_UTIL > 95 | metric: gpu.utilization, agg: last, over: 5m, by: [server, gpu] | above: 95%
            DCGM_FI_DEV_FB_USED >= 70 * 1024 | metric: gpu.memory.used | at_least: 75161927680
            2 < histogram_quantile(0.95, sum by (le, model_name) (rate(vllm:time_to_first_token_seconds_bucket{model_name=~"a.*"}[5m]))) | metric: llm.ttft, where: {model: ["a*"]}, agg: p95, over: 5m, by: [model] | above: 2000ms
            histogram_quantile(0.999, rate(vllm:e2e_request_latency_seconds_bucket[10m])) > 0.5 | agg: p99.9, over: 10m, by: [model, server] | above: 500ms
            sum(rate(vllm:generation_tokens_total[5m])) < 100 | metric: llm.generated_tokens, agg: increase, over: 5m | below: 30000
            rate(tgi_request_failure[5m]) / rate(tgi_request_success[5m]) * 100 > 5 | part: {metric: llm.requests, where: {outcome: ["error"]}}, whole: {metric: llm.requests, where: {outcome: ["success"]}} | above: 0.05
            1 - sum(rate(tgi_request_success[5m])) / sum(rate(tgi_request_failure[5m])) > 0.1 | ratio: {part: | below: 0.9
            rate(vllm:time_to_first_token_seconds_sum[5m]) / rate(vllm:time_to_first_token_seconds_count[5m]) > 1 | metric: llm.ttft, agg: avg, over: 5m | above: 1000ms
            avg_over_time(vllm:num_requests_waiting[10m]) > 10 | metric: llm.waiting, agg: avg, over: 10m | above: 10
            sum by (instance) (vllm:num_requests_waiting) > 10 | agg: last, across: sum, over: 5m, by: [server] | above: 10
            sum(increase(vllm:generation_tokens_total[1h])) > 3 * sum(increase(vllm:generation_tokens_total[1h] offset 1w)) | agg: increase, over: 1h | above: 3x
            up == 0 | metric: server.up, agg: last, over: 5m | equals: 0
            up != 1 | metric: server.up | not: {signal: a_signal, equals: 1}
            up == 0 or vllm:num_requests_waiting > 5 | metric: server.up | any: [{signal: a_signal, equals: 0}
            vllm:num_requests_running < 1 and on (model_name, instance) vllm:num_requests_waiting > 5 | metric: llm.waiting | all: [{signal: a_signal, below: 1}
            up == 0 or absent(up) | metric: server.up | no_data: {policy: alert, after: 5m, tier: P0}
            (absent(vllm:num_requests_running) == 1) | metric: llm.running | no_data: {policy: alert, after: 5m, tier: P0}
            absent(vllm:num_requests_running) | metric: llm.running | no_data: {policy: alert, after: 5m, tier: P0}
            """)
    void meansTheSame(String expr, String signal, String rule) {
        PrometheusImport.Result result = translate(expr);
        assertThat(result.problems()).filteredOn(p -> !p.warning()).isEmpty();
        assertThat(result.yaml()).contains(signal).contains(rule);
        assertThat(RuleTexts.errors(result.yaml())).isEmpty();
        assertThat(RuleTexts.rules(result.yaml()).rule("A")).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            predict_linear(vllm:num_requests_waiting[1h], 3600) > 5 | the function predict_linear is not translated
            llm_daily_cost_dollars > 1000 | the metric llm_daily_cost_dollars means nothing here
            vllm:num_requests_waiting unless up == 0 | unless is not translated
            vllm:num_requests_waiting | there is no comparison
            vllm:generation_tokens_total > 5 | is a counter
            vllm:num_requests_waiting{namespace="prod"} > 5 | the label namespace is not known to llm.waiting
            vllm:num_requests_waiting{model_name=~"m[0-9]+"} > 5 | is more than names
            vllm:num_requests_waiting{instance="10.0.0.1:80"} > 5 | names an address
            vllm:num_requests_waiting / on (model_name) group_left vllm:num_requests_running > 5 | group_left is not translated
            sum without (pod) (vllm:num_requests_waiting) > 5 | without
            topk(5, vllm:num_requests_waiting) > 5 | topk is not translated
            vllm:num_requests_waiting > bool 5 | bool is not translated
            sum by (model_name) (vllm:num_requests_waiting) > 5 and vllm:num_requests_running > 1 | not joined on the same labels
            vllm:num_requests_waiting > vllm:num_requests_running | two metrics are compared
            vllm:num_requests_waiting > 2 * vllm:num_requests_waiting offset 3d | two metrics are compared
            rate(vllm:generation_tokens_total[5m:1m]) > 5 | "]" is missing
            histogram_quantile(0.9, sum by (model_name) (rate(vllm:time_to_first_token_seconds_bucket[5m]))) > 1 | does not keep le
            vllm:num_requests_waiting > ) | is not expected there
            """)
    void isRefused_byNameFileAndLine(String expr, String why) {
        PrometheusImport.Result result = translate(expr);
        assertThat(result.translated()).isZero();
        assertThat(result.refused()).isEqualTo(1);
        assertThat(result.problems())
                .filteredOn(p -> !p.warning())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.toString()).startsWith("prom.yml:5:").contains("A is not translated: ", why);
                });
    }

    @Test
    void namesSetApartByBars_areAList() {
        assertThat(translate("vllm:num_requests_waiting{model_name!~\"a.*|b\"} > 5")
                        .yaml())
                .contains("where: {model: [\"!a*\", \"!b\"]}");
    }

    @Test
    void textsTiersAndRecordsComeAlong() {
        PrometheusImport.Result result = file("""
                apiVersion: monitoring.coreos.com/v1
                kind: PrometheusRule
                spec:
                  groups:
                    - name: g
                      rules:
                        - record: job:ttft:p99
                          expr: histogram_quantile(0.99, sum by (le, model_name) (rate(vllm:time_to_first_token_seconds_bucket[5m])))
                        - alert: Slow
                          expr: job:ttft:p99 > 3
                          for: 2m
                          keep_firing_for: 10m
                          labels: {severity: warning, team: ml}
                          annotations:
                            summary: "{{ $labels.model_name }} at {{ $value | humanizeDuration }} {{ if x }}"
                            runbook_url: https://runbooks.example/slow
                        - alert: Slow
                          expr: job:ttft:p99{model_name="a"} > 3
                        - alert: Slow
                          expr: job:ttft:p99 > 9
                          labels: {severity: sev1}
                """);
        assertThat(result.yaml())
                .contains("P2: {above: 3000ms, for: 2m, clear_for: 10m}")
                .contains("summary: \"{{ labels.model }} at {{ value }} …\"")
                .contains("runbook: \"https://runbooks.example/slow\"")
                .contains("labels: {team: \"ml\"}")
                .contains("  Slow_2:\n");
        assertThat(result.problems().stream().map(Problem::message).toList())
                .isEqualTo(List.of(
                        "Slow: in summary {{ if x }} is logic, which templates here have none of; left out",
                        "Slow is not translated: the recording rule job:ttft:p99 stands there with conditions of its own",
                        "Slow: the severity \"sev1\" is not known, so it is P2"));
        assertThat(RuleTexts.errors(result.yaml())).isEmpty();
    }
}
