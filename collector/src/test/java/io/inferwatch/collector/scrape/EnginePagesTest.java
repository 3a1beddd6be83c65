package io.inferwatch.collector.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.LabelSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each engine's page, of old and of new names, read twice with as much again on it. */
class EnginePagesTest {
    private static ScriptedServer read(String fixture) {
        String page = ScriptedServer.fixture(fixture);
        return new ScriptedServer().answers(page).forget().answers(ScriptedServer.doubled(page));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "vllm-0.28.prom,      vllm,              15, 100",
        "vllm-0.6.prom,       vllm,              9,  40",
        "sglang-0.5.prom,     sglang,            11, 120",
        "sglang-0.3.prom,     sglang,            3,  100",
        "trtllm-1.prom,       tensorrt-llm,      11, 60",
        "trtllm-2025.prom,    tensorrt-llm,      11, 60",
        "tgi-3.prom,          tgi,               8,  0",
        "lmdeploy.prom,       lmdeploy,          7,  30",
        "dynamo.prom,         dynamo,            9,  50",
        "llamacpp.prom,       llama.cpp,         4,  0",
        "envoy-ai-gateway.prom, envoy-ai-gateway, 5, 25",
        "triton-trtllm.prom,  triton,            5,  41",
        "triton-vllm.prom,    vllm,              4,  1",
    })
    void everyFamily_isUnderstoodOrListedAsPassedOver(String fixture, String engine, int metrics, long firstTokens) {
        ScriptedServer server = read(fixture);
        SourceReport report = server.report();
        assertThat(report.engines()).first().isEqualTo(engine);
        assertThat(report.understood()).as("%s", report.understood()).hasSize(metrics);
        assertThat(report.problem()).isEmpty();
        for (String line : ScriptedServer.fixture(fixture).split("\n")) {
            if (line.startsWith("# TYPE ") && !line.contains("_created ") && !line.contains("process_start")) {
                String family = line.split(" ")[2];
                boolean isTold = report.understood().values().stream().anyMatch(from -> from.contains(family))
                        || report.notTaken().containsKey(family)
                        || report.ignored().contains(family);
                assertThat(isTold).as(family).isTrue();
            }
        }
        long counted = server.buckets("llm.ttft").stream()
                .mapToLong(each -> each.added().count())
                .sum();
        assertThat(counted).isEqualTo(firstTokens);
        assertThat(server.value("server.up")).isEqualTo(1);
    }

    @Test
    void vllm_isReadWithItsLevelsOutcomesAndLatencies() {
        ScriptedServer server = read("vllm-0.28.prom");
        assertThat(server.value("llm.kv_cache.usage")).isEqualTo(1.25);
        assertThat(server.value("llm.running")).isEqualTo(14);
        assertThat(server.value("llm.waiting")).isEqualTo(6);
        assertThat(server.value("llm.generated_tokens")).isEqualTo(2_000);
        assertThat(server.value("llm.preemptions")).isEqualTo(4);
        assertThat(server.requests("success")).isEqualTo(95);
        assertThat(server.requests("error")).isEqualTo(1);
        assertThat(server.requests("client_abort")).isZero();
        assertThat(server.labels("llm.running"))
                .isEqualTo(LabelSet.of("server", "s1", "model", "acme/writer-8b", "observer", "scrape"));
        Buckets ttft = server.buckets("llm.ttft").getFirst().added();
        assertThat(ttft.boundAt(0)).isEqualTo(1_000);
        assertThat(ttft.boundAt(21)).isEqualTo(2_560e6);
        assertThat(server.buckets("llm.tokens.output").getFirst().added().sum()).hasValue(1_896);
    }

    /** A request of one token has no time per token after the first, and vLLM records it as 0. */
    @Test
    void vllm_timesPerTokenOfSingleTokenRequests_areLeftOut() {
        assertThat(read("vllm-0.28.prom").buckets("llm.tpot").getFirst().added().count())
                .isEqualTo(90);
    }

    @Test
    void vllm_tokensFitFirstTokensAndSteps() {
        assertThat(read("vllm-0.28.prom").report().checks())
                .extracting(SourceReport.Check::name, SourceReport.Check::holds)
                .contains(org.assertj.core.groups.Tuple.tuple("tokens_per_step", true));
    }

    @Test
    void vllmOfOld_isReadByItsFormerNames() {
        ScriptedServer server = read("vllm-0.6.prom");
        assertThat(server.report().understood())
                .containsEntry("llm.kv_cache.usage", "vllm:gpu_cache_usage_perc")
                .containsEntry("llm.tpot.token_weighted", "vllm:time_per_output_token_seconds")
                .doesNotContainKey("llm.tpot");
        assertThat(server.report().advice()).anyMatch(line -> line.contains("has no llm.tpot"));
    }

    @Test
    void ofTheRanksOfOneReplica_oneIsHeard() {
        assertThat(read("sglang-0.5.prom").value("llm.running")).isEqualTo(18);
        assertThat(read("sglang-0.5.prom").value("llm.preemptions")).isEqualTo(2);
    }

    @Test
    void tgi_hasNoTimePerOutputToken_itsMeanHoldsThePrefill() {
        ScriptedServer server = read("tgi-3.prom");
        assertThat(server.buckets("llm.tpot")).isEmpty();
        assertThat(server.report().notTaken()).containsKey("tgi_request_mean_time_per_token_duration");
        assertThat(server.requests("success")).isEqualTo(150);
        assertThat(server.requests("rejected")).isEqualTo(6);
        assertThat(server.requests("error")).isEqualTo(3);
        assertThat(server.requests("client_abort")).isEqualTo(1);
        assertThat(server.value("llm.generated_tokens")).isEqualTo(150 * 83);
        // 0.0001 · 1.5³ s are 337.5 µs: no whole number of them.
        assertThat(server.buckets("llm.latency").getFirst().added().boundAt(2)).isEqualTo(337.5);
    }

    @Test
    void triton_unitsAreMilliseconds_andItsFailuresHaveReasons() {
        ScriptedServer server = read("triton-trtllm.prom");
        assertThat(server.buckets("llm.ttft").getFirst().added().boundAt(0)).isEqualTo(100_000);
        assertThat(server.requests("rejected")).isEqualTo(2);
        assertThat(server.requests("error")).isEqualTo(3);
        assertThat(server.value("llm.running")).isEqualTo(10);
        assertThat(server.value("llm.waiting")).isEqualTo(4);
        assertThat(server.samples("llm.waiting")).hasSize(1);
    }

    @Test
    void llamaCpp_ratesThatBeginAnewAtEachReading_areLeftAlone() {
        ScriptedServer server = read("llamacpp.prom");
        assertThat(server.value("llm.generated_tokens")).isEqualTo(2_500);
        assertThat(server.report().notTaken()).containsKey("llamacpp:predicted_tokens_seconds");
        assertThat(server.report().advice()).anyMatch(line -> line.contains("proxy"));
    }

    @Test
    void envoy_tokensAreToldApartByTheirType() {
        ScriptedServer server = read("envoy-ai-gateway.prom");
        assertThat(server.buckets("llm.tokens.input").getFirst().added().sum()).hasValue(10_000);
        assertThat(server.buckets("llm.tokens.output").getFirst().added().sum()).hasValue(2_250);
    }

    @ParameterizedTest
    @CsvSource({"ray_vllm_, vllm:", "ray_vllm:, vllm:", "kserve_vllm:, vllm:", "vllm_, vllm:"})
    void prefixesOfRelays_areKnown(String relayed, String own) {
        String page = ScriptedServer.fixture("vllm-0.28.prom").replace(own, relayed);
        ScriptedServer server = new ScriptedServer().answers(page).answers(ScriptedServer.doubled(page));
        assertThat(server.report().understood()).hasSize(15);
        assertThat(server.buckets("llm.ttft").getFirst().added().count()).isEqualTo(100);
    }

    @Test
    void theRouterOfTheProductionStack_isNotTakenForAServer() {
        String page = """
                # TYPE vllm:num_requests_running gauge
                vllm:num_requests_running{server="http://a"} 4
                # TYPE vllm:avg_itl gauge
                vllm:avg_itl{server="http://a"} 0.2
                """;
        ScriptedServer server = new ScriptedServer().answers(page);
        assertThat(server.samples("llm.running")).isEmpty();
        assertThat(server.report().engines()).isEmpty();
        assertThat(server.report().advice()).first().asString().startsWith("nothing on the page is known");
    }

    @Test
    void bothNamesOfOneThing_countOnce() {
        String itl = "# TYPE vllm:%s histogram\nvllm:%s_bucket{model_name=\"m\",le=\"+Inf\"} %d\n";
        String one = itl.formatted("inter_token_latency_seconds", "inter_token_latency_seconds", 5)
                + itl.formatted("time_per_output_token_seconds", "time_per_output_token_seconds", 5);
        String two = one.replace(" 5\n", " 8\n");
        ScriptedServer server = new ScriptedServer().answers(one).answers(two);
        assertThat(server.buckets("llm.tpot.token_weighted")).hasSize(1);
        assertThat(server.report().notTaken()).containsKey("vllm:time_per_output_token_seconds");
    }

    @Test
    void minusOne_isNoLevel() {
        String page = "# TYPE vllm:gpu_cache_usage_perc gauge\nvllm:gpu_cache_usage_perc{model_name=\"m\"} -1.0\n";
        assertThat(new ScriptedServer().answers(page).samples("llm.kv_cache.usage"))
                .isEmpty();
    }

    @Test
    void tensorRtsStatisticsInJson_leadToItsMetrics() {
        ScriptedServer server = new ScriptedServer().answersJson("[{\"iter\": 1}]");
        assertThat(server.report().isReachable()).isFalse();
        assertThat(server.report().address()).isEqualTo("http://127.0.0.1:8000/prometheus/metrics");
        server.answers(ScriptedServer.fixture("trtllm-1.prom"));
        assertThat(server.report().engines()).containsExactly("tensorrt-llm");
    }

    @Test
    void adviceNamesTheFlag_thatGivesFinerBuckets() {
        assertThat(read("vllm-0.28.prom").report().advice())
                .anyMatch(line -> line.contains("--custom-histogram-buckets"));
    }

    @Test
    void outcomes_areThoseOfTheContract() {
        assertThat(Outcomes.of("vllm:request_success", Map.of("finished_reason", "length")))
                .isEqualTo(new Outcomes.Ended("success", java.util.Optional.of("length")));
        assertThat(Outcomes.of("tgi_request_failure", Map.of("err", "overloaded"))
                        .outcome())
                .isEqualTo("rejected");
        assertThat(Outcomes.of("dynamo_frontend_requests", Map.of("status", "error"))
                        .outcome())
                .isEqualTo("error");
    }
}
