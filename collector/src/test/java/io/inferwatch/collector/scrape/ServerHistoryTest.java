package io.inferwatch.collector.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Buckets;
import org.junit.jupiter.api.Test;

/** What one reading adds to the one before. */
class ServerHistoryTest {
    private static String page(String extra, double sum, long... cumulative) {
        String[] bounds = {"0.1", "0.5", "+Inf"};
        StringBuilder text = new StringBuilder(extra).append("# TYPE vllm:time_to_first_token_seconds histogram\n");
        for (int i = 0; i < bounds.length; i++) {
            text.append("vllm:time_to_first_token_seconds_bucket{model_name=\"m\",le=\"" + bounds[i] + "\"} ")
                    .append(cumulative[i])
                    .append('\n');
        }
        return text.append("vllm:time_to_first_token_seconds_sum{model_name=\"m\"} " + sum + "\n")
                .append("vllm:time_to_first_token_seconds_count{model_name=\"m\"} " + cumulative[2] + "\n")
                .append("# TYPE vllm:generation_tokens_total counter\nvllm:generation_tokens_total{model_name=\"m\"} "
                        + cumulative[2] * 10 + "\n")
                .toString();
    }

    private static String started(long epochSeconds) {
        return "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds " + epochSeconds + "\n";
    }

    private static Buckets ttft(ScriptedServer server) {
        return server.buckets("llm.ttft").getFirst().added();
    }

    @Test
    void whatWasCountedBeforeTheFirstReading_isNobodysNews() {
        ScriptedServer server = new ScriptedServer().answers(page("", 40, 50, 90, 100));
        assertThat(server.buckets("llm.ttft")).isEmpty();
        assertThat(server.samples("llm.generated_tokens")).isEmpty();
        assertThat(server.value("server.up")).isEqualTo(1);
    }

    @Test
    void theDifference_isWhatWasAdded() {
        ScriptedServer server =
                new ScriptedServer().answers(page("", 40, 50, 90, 100)).answers(page("", 43, 52, 95, 106));
        Buckets added = ttft(server);
        assertThat(new long[] {added.countAt(0), added.countAt(1), added.countAt(2)})
                .containsExactly(2, 3, 1);
        assertThat(added.sum()).hasValue(3_000_000);
        assertThat(added.boundAt(0)).isEqualTo(100_000);
        assertThat(server.value("llm.generated_tokens")).isEqualTo(60);
    }

    @Test
    void nothingAdded_isNoMeasurementOfLatencies_andAZeroOfACounter() {
        String same = page("", 40, 50, 90, 100);
        ScriptedServer server = new ScriptedServer().answers(same).answers(same);
        assertThat(server.buckets("llm.ttft")).isEmpty();
        assertThat(server.value("llm.generated_tokens")).isZero();
    }

    @Test
    void aCountThatFell_isANewStart_andAllOfItIsNew() {
        ScriptedServer server =
                new ScriptedServer().answers(page("", 40, 50, 90, 100)).answers(page("", 2, 3, 4, 5));
        assertThat(ttft(server).count()).isEqualTo(5);
        assertThat(server.value("llm.generated_tokens")).isEqualTo(50);
        assertThat(server.gaps()).hasSize(1);
        assertThat(server.gaps().getFirst().cause()).contains("began to count anew");
    }

    @Test
    void aRestartThatAlreadyCountedMore_isKnownByTheStartOfTheProcess() {
        ScriptedServer server = new ScriptedServer()
                .answers(page(started(1_000), 40, 50, 90, 100))
                .answers(page(started(9_000), 60, 60, 95, 130));
        assertThat(ttft(server).count()).isEqualTo(130);
        assertThat(server.gaps()).hasSize(1);
    }

    @Test
    void aBucketThatFellWithoutANewStart_isTakenAsUnchanged_andCounted() {
        ScriptedServer server = new ScriptedServer()
                .answers(page(started(1_000), 40, 50, 90, 100))
                .answers(page(started(1_000), 42, 49, 92, 103));
        Buckets added = ttft(server);
        assertThat(new long[] {added.countAt(0), added.countAt(1), added.countAt(2)})
                .containsExactly(0, 2, 1);
        assertThat(added.sum()).isEmpty();
        assertThat(server.report().counts().repairs()).isEqualTo(1);
        assertThat(server.gaps()).isEmpty();
    }

    @Test
    void otherBounds_areANewStart() {
        String finer = page("", 4, 5, 9, 110).replace("\"0.1\"", "\"0.2\"");
        ScriptedServer server =
                new ScriptedServer().answers(page("", 40, 50, 90, 100)).answers(finer);
        assertThat(ttft(server).boundAt(0)).isEqualTo(200_000);
        assertThat(ttft(server).count()).isEqualTo(110);
    }

    @Test
    void otherBoundsOfTheSameProcess_countOnceOverWhatTheyShare() {
        String finer = page(started(1), 44, 60, 93, 110).replace("\"0.1\"", "\"0.2\"");
        ScriptedServer server =
                new ScriptedServer().answers(page(started(1), 40, 50, 90, 100)).answers(finer);
        assertThat(ttft(server).count()).isEqualTo(10);
        assertThat(ttft(server).boundCount()).isEqualTo(1);
        assertThat(ttft(server).boundAt(0)).isEqualTo(500_000);
    }

    @Test
    void aModelThatAppears_isCountedFromItsStart() {
        String two = page("", 40, 50, 90, 100)
                + page("", 1, 1, 2, 3).replace("\"m\"", "\"n\"").replaceAll("# TYPE.*\n", "");
        ScriptedServer server =
                new ScriptedServer().answers(page("", 40, 50, 90, 100)).answers(two);
        assertThat(server.buckets("llm.ttft")).hasSize(1);
        assertThat(server.buckets("llm.ttft").getFirst().labels().get("model")).hasValue("n");
        assertThat(ttft(server).count()).isEqualTo(3);
    }

    @Test
    void aReadingThatCouldNotBeKept_isToldByTheNext() {
        ScriptedServer server = new ScriptedServer()
                .answers(page("", 40, 50, 90, 100))
                .breakJournal(true)
                .answers(page("", 41, 51, 91, 101))
                .breakJournal(false)
                .answers(page("", 42, 52, 92, 102));
        assertThat(ttft(server).count()).isEqualTo(2);
    }

    @Test
    void afterALongSilence_nobodyKnowsWhenItWasCounted() {
        ScriptedServer server =
                new ScriptedServer().answers(page("", 40, 50, 90, 100)).answers(page("", 99, 90, 190, 300), 600_000);
        assertThat(server.buckets("llm.ttft")).isEmpty();
        assertThat(server.gaps().getFirst().cause()).contains("left out");
        server.answers(page("", 100, 91, 191, 301));
        assertThat(ttft(server).count()).isEqualTo(1);
    }

    /** A worker's file that is written anew, a relay that lost one of its servers for a moment, a page cut short. */
    @Test
    void aSeriesThatIsMissingForAReading_goesOnWhereItWas() {
        String without = "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 1\n";
        ScriptedServer server = new ScriptedServer()
                .answers(page("", 40, 50, 90, 100))
                .answers(without)
                .answers(page("", 43, 52, 95, 106));
        assertThat(ttft(server).count()).isEqualTo(6);
        assertThat(server.value("llm.generated_tokens")).isEqualTo(60);
        assertThat(server.gaps()).isEmpty();
    }

    @Test
    void aSeriesThatIsMissingForLong_onlySetsTheMarkWhenItReturns() {
        String without = "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 1\n";
        ScriptedServer server =
                new ScriptedServer().answers(page("", 40, 50, 90, 100)).answers(without);
        server.answers(without, 50_000).answers(without, 50_000).answers(page("", 43, 52, 95, 106));
        assertThat(server.buckets("llm.ttft")).isEmpty();
        assertThat(server.samples("llm.generated_tokens")).isEmpty();
        server.answers(page("", 44, 53, 96, 107));
        assertThat(ttft(server).count()).isEqualTo(1);
        assertThat(server.value("llm.generated_tokens")).isEqualTo(10);
    }

    @Test
    void aSeriesThatIsMissingOverANewStart_isAllNew() {
        ScriptedServer server = new ScriptedServer()
                .answers(page(started(1_000), 40, 50, 90, 100))
                .answers(started(9_000))
                .answers(page(started(9_000), 60, 60, 95, 130));
        assertThat(ttft(server).count()).isEqualTo(130);
    }

    /** Cut amid a line, a count of 864 is one of 8, and the next reading would tell all of it anew. */
    @Test
    void aPageCutAnywhere_countsNothingTwice() {
        String whole = page("", 43, 52, 95, 106);
        for (int cut = 0; cut < whole.length(); cut++) {
            ScriptedServer server = new ScriptedServer()
                    .answers(page("", 40, 50, 90, 100))
                    .answers(whole.substring(0, cut))
                    .answers(page("", 44, 53, 96, 107));
            assertThat(server.buckets("llm.ttft").stream()
                            .mapToLong(each -> each.added().count())
                            .sum())
                    .as("cut at %d: %s", cut, whole.substring(0, cut))
                    .isEqualTo(7);
            assertThat(server.samples("llm.generated_tokens").stream()
                            .mapToLong(each -> each.scaledValue())
                            .sum())
                    .as("cut at %d", cut)
                    .isEqualTo(70);
        }
    }

    @Test
    void aSumTooLargeToTellWhatWasAdded_isNone() {
        ScriptedServer server =
                new ScriptedServer().answers(page("", 1e17, 50, 90, 100)).answers(page("", 1e17, 52, 95, 106));
        assertThat(ttft(server).count()).isEqualTo(6);
        assertThat(ttft(server).sum()).isEmpty();
    }

    @Test
    void aServerThatCannotBeRead_isDown_andSaysWhy() {
        ScriptedServer server = new ScriptedServer()
                .answers(page("", 40, 50, 90, 100))
                .fails("nothing listens there (connection refused)");
        assertThat(server.value("server.up")).isZero();
        assertThat(server.report().isReachable()).isFalse();
        assertThat(server.report().problem()).hasValue("nothing listens there (connection refused)");
        assertThat(server.report().engines()).containsExactly("vllm");
        server.answers("<html>no</html>");
        assertThat(server.value("server.up")).isZero();
    }

    @Test
    void stepsThatBringNoTokens_doNotFitTogether() {
        String itl = """
                # TYPE vllm:inter_token_latency_seconds histogram
                vllm:inter_token_latency_seconds_bucket{model_name="m",le="+Inf"} %d
                """;
        ScriptedServer server = new ScriptedServer()
                .answers(page("", 40, 50, 90, 100) + itl.formatted(0))
                .answers(page("", 41, 60, 100, 110) + itl.formatted(900));
        assertThat(server.value("server.telemetry.consistent")).isZero();
    }

    @Test
    void boundsBeyondAllMeasure_areNone() {
        ScriptedServer server = new ScriptedServer()
                .answers(page("", 40, 50, 90, 100).replace("\"0.5\"", "\"1e308\""))
                .answers(page("", 41, 51, 91, 101).replace("\"0.5\"", "\"1e308\""));
        assertThat(ttft(server).boundCount()).isEqualTo(1);
        assertThat(ttft(server).count()).isEqualTo(1);
    }

    @Test
    void uptime_isTheAgeOfTheProcess() {
        long start = ScriptedServer.START.getEpochSecond() - 95;
        assertThat(new ScriptedServer()
                        .answers(page(started(start), 40, 50, 90, 100))
                        .value("server.uptime"))
                .isEqualTo(100);
    }

    @Test
    void multiTokenSteps_areFound() {
        String itl = """
                # TYPE vllm:inter_token_latency_seconds histogram
                vllm:inter_token_latency_seconds_bucket{model_name="m",le="+Inf"} %d
                """;
        ScriptedServer server = new ScriptedServer()
                .answers(page("", 40, 50, 90, 100) + itl.formatted(0))
                .answers(page("", 41, 60, 100, 110) + itl.formatted(30));
        // 100 tokens, 10 of them first ones, in 30 steps.
        assertThat(server.report().checks().getFirst().text()).startsWith("3.00 tokens a step");
        assertThat(server.report().checks().getFirst().holds()).isFalse();
        assertThat(server.value("server.telemetry.consistent")).isEqualTo(1);
    }
}
