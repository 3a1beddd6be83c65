package io.inferwatch.collector.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.Collector;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.ListJournal;
import io.inferwatch.collector.RecordingSink;
import io.inferwatch.collector.ids.IdHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MetricIntakeTest {
    /** When the intake began to listen. */
    private static final long LISTENS = 1_790_000_000_000L;

    private static final double[] BOUNDS = {0.1, 0.5};
    private static final String TTFT = "gen_ai.server.time_to_first_token";

    private final ListJournal journal = new ListJournal();
    private final Collector collector =
            new Collector(CollectorConfig.DEFAULT, journal, LabelSet.EMPTY, new IdHash(1, 2), () -> false).recallIds();
    private final MetricIntake intake = new MetricIntake(collector);
    private long nowEpochMillis = LISTENS + 100_000;

    /** Nanoseconds of so many seconds after the intake began to listen. */
    private static long at(double seconds) {
        return LISTENS * 1_000_000 + (long) (seconds * 1e9);
    }

    private OtlpOutcome take(byte[] body, OtlpFormat format) {
        journal.now(nowEpochMillis);
        try {
            return intake.accept(new ByteArrayInputStream(body), format);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private OtlpOutcome take(MetricWriter metric, OtlpFormat format) {
        return take(format == OtlpFormat.JSON ? metric.json() : metric.protobuf(), format);
    }

    private OtlpOutcome take(MetricWriter metric) {
        return take(metric, OtlpFormat.PROTOBUF);
    }

    private List<RecordingSink.BucketObservation> buckets(String metric) {
        return RecordingSink.of(collector).bucketsOf(metric);
    }

    private static long[] counts(Buckets buckets) {
        return IntStream.rangeClosed(0, buckets.boundCount())
                .mapToLong(buckets::countAt)
                .toArray();
    }

    private static double[] bounds(Buckets buckets) {
        return IntStream.range(0, buckets.boundCount())
                .mapToDouble(buckets::boundAt)
                .toArray();
    }

    private static MetricWriter ttft(double start, double time, double sum, long... counts) {
        return MetricWriter.histogram(TTFT, "s")
                .buckets(at(start), at(time), sum, BOUNDS, counts, "gen_ai.request.model", "m");
    }

    private long event(String name) {
        return intake.stats().events().getOrDefault(name, 0L);
    }

    @ParameterizedTest
    @EnumSource(OtlpFormat.class)
    void explicitHistogramThatBeganWhileWeListened_isTakenWhole_withItsBoundsAndLabels(OtlpFormat format) {
        assertThat(take(ttft(1, 60, 3.5, 2, 3, 1), format)).isEqualTo(new OtlpOutcome.Accepted(0, ""));
        RecordingSink.BucketObservation told = buckets("llm.ttft").getFirst();
        assertThat(bounds(told.added())).containsExactly(100_000, 500_000);
        assertThat(counts(told.added())).containsExactly(2, 3, 1);
        assertThat(told.added().sum()).hasValue(3_500_000);
        assertThat(told.epochMillis()).isEqualTo(LISTENS + 60_000);
        assertThat(told.labels().asMap())
                .isEqualTo(Map.of(
                        "server",
                        "engine-1",
                        "observer",
                        "otlp",
                        "signal",
                        "metrics",
                        "model",
                        "m",
                        "outcome",
                        "success"));
    }

    @ParameterizedTest
    @EnumSource(OtlpFormat.class)
    void cumulativePoints_addTheirGrowth_andTheSameAgainNothing(OtlpFormat format) {
        take(ttft(1, 60, 3.5, 2, 3, 1), format);
        take(ttft(1, 90, 4.5, 2, 4, 2), format);
        take(ttft(1, 90, 4.5, 2, 4, 2), format);
        take(ttft(1, 75, 4, 2, 4, 1), format);
        assertThat(buckets("llm.ttft")).hasSize(2);
        assertThat(counts(buckets("llm.ttft").getLast().added())).containsExactly(0, 1, 1);
        assertThat(buckets("llm.ttft").getLast().added().sum()).hasValue(1_000_000);
        assertThat(event("duplicate")).isEqualTo(1);
        assertThat(event("out_of_order")).isEqualTo(1);
    }

    @Test
    void streamThatBeganBeforeUs_setsTheMark_andTheSenderIsTold() {
        assertThat(take(ttft(-500, 30, 3.5, 2, 3, 1))).isInstanceOfSatisfying(OtlpOutcome.Accepted.class, accepted -> {
            assertThat(accepted.rejected()).isZero();
            assertThat(accepted.message()).contains("from the next point on");
        });
        assertThat(buckets("llm.ttft")).isEmpty();
        take(ttft(-500, 60, 4, 3, 3, 1));
        assertThat(counts(buckets("llm.ttft").getFirst().added())).containsExactly(1, 0, 0);
        assertThat(event("first_sight")).isEqualTo(1);
    }

    @Test
    void restart_isKnownByItsStart_evenWhereItCountedMoreAlready() {
        take(ttft(1, 60, 3.5, 2, 3, 1));
        take(ttft(61, 90, 9, 20, 30, 10));
        assertThat(counts(buckets("llm.ttft").getLast().added())).containsExactly(20, 30, 10);
        assertThat(event("reset")).isEqualTo(1);
        take(ttft(1, 55, 3, 2, 3, 0));
        assertThat(buckets("llm.ttft")).hasSize(2);
    }

    @Test
    void countThatFell_isAReset() {
        take(ttft(1, 60, 3.5, 2, 3, 1));
        take(ttft(1, 90, 0.1, 1, 0, 0));
        assertThat(counts(buckets("llm.ttft").getLast().added())).containsExactly(1, 0, 0);
        assertThat(event("reset")).isEqualTo(1);
    }

    @Test
    void twoProcessesUnderOneName_areTwoStreamsByTheirStarts() {
        take(ttft(1, 60, 3.5, 2, 3, 1));
        take(ttft(2, 61, 1, 10, 0, 0));
        take(ttft(1, 80, 3.6, 3, 3, 1));
        take(ttft(2, 81, 1.1, 11, 0, 0));
        assertThat(buckets("llm.ttft").stream()
                        .mapToLong(each -> each.added().count())
                        .sum())
                .isEqualTo(18);
    }

    @Test
    void afterTenMinutesOfSilence_nobodyKnowsWhenItWasCounted() {
        take(ttft(1, 60, 3.5, 2, 3, 1));
        nowEpochMillis = LISTENS + 800_000;
        take(ttft(1, 661, 5, 9, 9, 9));
        assertThat(buckets("llm.ttft")).hasSize(1);
        assertThat(event("gap")).isEqualTo(1);
        take(ttft(1, 700, 5.1, 10, 9, 9));
        assertThat(counts(buckets("llm.ttft").getLast().added())).containsExactly(1, 0, 0);
    }

    @ParameterizedTest
    @EnumSource(OtlpFormat.class)
    void deltas_addAsTheyAre_onceEach_andWhatIsMissingBetweenThemIsCounted(OtlpFormat format) {
        take(ttft(1, 10, 1, 1, 0, 0).delta(), format);
        take(ttft(10, 20, 1, 0, 2, 0).delta(), format);
        take(ttft(10, 20, 1, 0, 2, 0).delta(), format);
        take(ttft(30, 40, 1, 0, 0, 3).delta(), format);
        take(ttft(20, 30, 1, 4, 0, 0).delta(), format);
        assertThat(buckets("llm.ttft").stream()
                        .mapToLong(each -> each.added().count())
                        .sum())
                .isEqualTo(10);
        assertThat(event("duplicate")).isEqualTo(1);
        assertThat(event("gap")).isEqualTo(1);
        assertThat(event("overlap")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(OtlpFormat.class)
    void exponentialHistogram_keepsTheBoundsOfItsScale(OtlpFormat format) {
        MetricWriter metric = MetricWriter.exponential(TTFT, "s")
                .exponential(at(1), at(60), 5, 0, -2, 1, new long[] {3, 0, 2}, "gen_ai.request.model", "m");
        assertThat(take(metric, format)).isEqualTo(new OtlpOutcome.Accepted(0, ""));
        Buckets added = buckets("llm.ttft").getFirst().added();
        assertThat(bounds(added)).containsExactly(0, 250_000, 500_000, 1_000_000, 2_000_000);
        assertThat(counts(added)).containsExactly(1, 0, 3, 0, 2, 0);
        assertThat(added.sum()).hasValue(5_000_000);
    }

    @Test
    void exponentialHistogramThatGrewCoarser_addsItsGrowthOverTheBoundsBothHave() {
        take(MetricWriter.exponential(TTFT, "s").exponential(at(1), at(60), 5, 1, 0, 0, new long[] {4, 2, 1, 1}));
        take(MetricWriter.exponential(TTFT, "s").exponential(at(1), at(70), 15, 0, 0, 0, new long[] {6, 3, 1}));
        Buckets added = buckets("llm.ttft").getLast().added();
        assertThat(added.count()).isEqualTo(2);
        assertThat(bounds(added)).contains(2_000_000, 4_000_000, 8_000_000);
        assertThat(added.sum()).hasValue(10_000_000);
    }

    @ParameterizedTest
    @CsvSource({
        "gen_ai.server.time_to_first_token, s, llm.ttft, otlp, 100000",
        "gen_ai.server.time_per_output_token, s, llm.tpot, otlp, 100000",
        "gen_ai.server.inter_token_latency, s, llm.tpot.token_weighted, otlp, 100000",
        "gen_ai.server.request.duration, s, llm.latency, otlp, 100000",
        "gen_ai.server.request.duration, ms, llm.latency, otlp, 100",
        "gen_ai.latency.time_to_first_token, s, llm.ttft, otlp, 100000",
        "gen_ai.latency.e2e, s, llm.latency, otlp, 100000",
        "gen_ai.latency.time_in_queue, s, llm.queue, otlp, 100000",
        "gen_ai.latency.time_in_model_prefill, s, llm.prefill, otlp, 100000",
        "gen_ai.latency.time_in_model_decode, s, llm.decode, otlp, 100000",
        "gen_ai.client.operation.duration, s, llm.latency, otlp_client, 100000",
        "gen_ai.client.operation.time_to_first_chunk, s, llm.ttft, otlp_client, 100000",
        "llm.chat_completions.streaming_time_to_first_token, s, llm.ttft, otlp_client, 100000",
        "llm.chat_completions.streaming_time_to_generate, s, llm.decode, otlp_client, 100000",
        "vllm:time_to_first_token_seconds, '', llm.ttft, otlp, 100000",
        "sglang:queue_time_seconds, '', llm.queue, otlp, 100000",
        "gen_ai_server_time_to_first_token_seconds, '', llm.ttft, otlp, 100000",
    })
    void eachDialect_meansTheSameMetric(String name, String unit, String metric, String observer, double firstBound) {
        take(MetricWriter.histogram(name, unit)
                .buckets(at(1), at(2), 0.2, BOUNDS, new long[] {1, 1, 0}, "gen_ai.response.model", "m"));
        RecordingSink.BucketObservation told = buckets(metric).getFirst();
        assertThat(told.added().boundAt(0)).isEqualTo(firstBound);
        assertThat(told.labels().get("observer")).hasValue(observer);
        assertThat(told.labels().get("model")).hasValue("m");
        assertThat(told.labels().get("server").isPresent()).isEqualTo(observer.equals("otlp"));
    }

    @Test
    void tokenUsage_isInputAndOutputByItsType() {
        take(MetricWriter.histogram("gen_ai.client.token.usage", "{token}")
                .buckets(at(1), at(2), 900, new double[] {1, 4096}, new long[] {0, 3, 0}, "gen_ai.token.type", "input")
                .buckets(at(1), at(2), 40, new double[] {1, 4096}, new long[] {0, 2, 0}, "gen_ai.token.type", "output")
                .buckets(at(1), at(2), 40, new double[] {1, 4096}, new long[] {0, 2, 0}, "gen_ai.token.type", "other"));
        assertThat(buckets("llm.tokens.input").getFirst().added().count()).isEqualTo(3);
        assertThat(buckets("llm.tokens.output").getFirst().added().sum()).hasValue(40);
    }

    @Test
    void outcome_isThatOfTheError_andToolsAreNoCalls() {
        for (String error : List.of("timeout", "429", "InternalServerError")) {
            take(MetricWriter.histogram("gen_ai.server.request.duration", "s")
                    .buckets(at(1), at(2), 1, BOUNDS, new long[] {0, 1, 0}, "error.type", error));
        }
        take(MetricWriter.histogram("gen_ai.client.operation.duration", "s")
                .buckets(at(1), at(2), 1, BOUNDS, new long[] {0, 1, 0}, "gen_ai.operation.name", "execute_tool"));
        assertThat(buckets("llm.latency").stream()
                        .map(each -> each.labels().get("outcome").orElse("")))
                .containsExactly("timeout", "rejected", "error");
    }

    @Test
    void oldAndNewNameOfOneThing_fromOneSender_countOnce() {
        take(ttft(1, 60, 3.5, 2, 3, 1));
        take(MetricWriter.histogram("gen_ai.latency.time_to_first_token", "s")
                .buckets(at(1), at(60), 3.5, BOUNDS, new long[] {2, 3, 1}, "gen_ai.request.model", "m"));
        assertThat(buckets("llm.ttft")).hasSize(1);
        assertThat(intake.reports().getFirst().notTaken()).containsKey("gen_ai.latency.time_to_first_token");
    }

    @ParameterizedTest
    @EnumSource(OtlpFormat.class)
    void gaugesAndSumsOfEngines_becomeLevelsAndGrowth(OtlpFormat format) {
        take(
                MetricWriter.gauge("vllm:num_requests_running")
                        .value(0, at(5), 3, "model_name", "m", "engine", "0")
                        .value(0, at(5), 4, "model_name", "m", "engine", "1"),
                format);
        take(MetricWriter.sum("vllm:num_requests_waiting").upAndDown().value(at(1), at(5), 2), format);
        take(MetricWriter.sum("vllm:generation_tokens_total").value(at(1), at(5), 700), format);
        take(MetricWriter.sum("vllm:generation_tokens_total").value(at(1), at(15), 900), format);
        take(MetricWriter.sum("vllm:generation_tokens_total").delta().value(at(15), at(25), 50), format);
        take(MetricWriter.sum("vllm:request_success").value(at(1), at(5), 6, "finished_reason", "length"), format);
        RecordingSink all = RecordingSink.of(collector);
        assertThat(all.of("llm.running")).singleElement().satisfies(level -> {
            assertThat(level.scaled()).isEqualTo(7);
            assertThat(level.labels().get("model")).hasValue("m");
        });
        assertThat(all.of("llm.waiting").getFirst().scaled()).isEqualTo(2);
        assertThat(all.of("llm.generated_tokens").stream().map(RecordingSink.Observation::scaled))
                .containsExactly(700L, 200L, 50L);
        assertThat(all.of("llm.requests")).isEmpty();
    }

    @Test
    void otherMetrics_arePassedOver_andNamedInTheReport() {
        assertThat(take(MetricWriter.histogram("http.server.request.duration", "s")
                        .buckets(at(1), at(2), 1, BOUNDS, new long[] {0, 1, 0})))
                .isEqualTo(new OtlpOutcome.Accepted(0, ""));
        assertThat(journal.lastSequence()).isZero();
        assertThat(intake.reports().getFirst().ignored()).containsExactly("http.server.request.duration");
        assertThat(intake.reports().getFirst().server()).isEqualTo("engine-1");
    }

    @ParameterizedTest
    @EnumSource(OtlpFormat.class)
    void pointThatIsWrong_isRejectedByName_andTheOthersAreTaken(OtlpFormat format) {
        MetricWriter metric = MetricWriter.histogram(TTFT, "s")
                .buckets(at(1), at(2), 1, BOUNDS, new long[] {1, 1}, "a", "1")
                .buckets(at(1), at(2), 1, new double[] {0.5, 0.1}, new long[] {0, 1, 0}, "a", "2")
                .buckets(at(1), at(2), 1, BOUNDS, new long[] {0, -1, 1}, "a", "3")
                .buckets(at(3), at(2), 1, BOUNDS, new long[] {0, 1, 0}, "a", "4")
                .buckets(at(1), at(2) + 3_600_000_000_000L, 1, BOUNDS, new long[] {0, 1, 0}, "a", "5")
                .buckets(at(-8_000), at(-7_200), 1, BOUNDS, new long[] {0, 1, 0}, "a", "6")
                .buckets(at(1), at(2), 1, BOUNDS, new long[] {0, 1, 0}, "a", "7")
                .counting(9)
                .buckets(at(1), at(2), 1, BOUNDS, new long[] {0, 1, 0}, "a", "8");
        assertThat(take(metric, format)).isInstanceOfSatisfying(OtlpOutcome.Accepted.class, accepted -> {
            assertThat(accepted.rejected()).isEqualTo(7);
            assertThat(accepted.message()).isNotEmpty();
        });
        assertThat(buckets("llm.ttft")).hasSize(1);
        assertThat(intake.stats().rejected()).containsEntry("late", 1L).containsEntry("ahead", 1L);
        assertThat(intake.stats().rejected().get("malformed")).isEqualTo(5);
    }

    @Test
    void whatASenderMustChange_isSaid() {
        assertThat(message(MetricWriter.histogram(TTFT, "min").buckets(at(1), at(2), 1, BOUNDS, new long[] {0, 1, 0})))
                .contains("\"min\"")
                .contains("send it in s");
        assertThat(message(MetricWriter.gauge(TTFT).value(0, at(2), 1))).contains("no histogram");
        assertThat(message(ttft(1, 2, 1, 0, 1, 0).temporality(0))).contains("neither delta nor cumulative");
        assertThat(message(MetricWriter.exponential(TTFT, "s").exponential(at(1), at(2), 1, 40, 0, 0, new long[] {1})))
                .contains("scale of 40");
        assertThat(message(MetricWriter.sum("vllm:num_requests_running").delta().value(at(1), at(2), 3)))
                .contains("gauge");
    }

    private String message(MetricWriter metric) {
        return take(metric) instanceof OtlpOutcome.Accepted accepted && accepted.rejected() == 1
                ? accepted.message()
                : "";
    }

    @Test
    void nothingIsLearned_whileTheJournalIsFullOrBroken() {
        take(ttft(1, 60, 3.5, 2, 3, 1));
        journal.isFull();
        assertThat(take(ttft(1, 70, 4.5, 3, 3, 1))).isInstanceOf(OtlpOutcome.Busy.class);
        journal.isBroken();
        assertThat(take(ttft(1, 70, 4.5, 3, 3, 1))).isInstanceOf(OtlpOutcome.Unavailable.class);
        journal.isWell();
        take(ttft(1, 70, 4.5, 3, 3, 1));
        assertThat(counts(buckets("llm.ttft").getLast().added())).containsExactly(1, 0, 0);
        assertThat(event("duplicate")).isZero();
    }

    @Test
    void bodyCutOrSpoiledAnywhere_isRefusedOrTaken_neverMore() {
        MetricWriter explicit = ttft(1, 60, 3.5, 2, 3, 1);
        MetricWriter exponential = MetricWriter.exponential(TTFT, "s")
                .exponential(at(1), at(60), 5, 3, -2, 1, new long[] {3, 0, 2}, "gen_ai.request.model", "m");
        for (MetricWriter metric : List.of(explicit, exponential)) {
            SpoiledBodies.areRefused(metric.json(), OtlpFormat.JSON, this::take);
            SpoiledBodies.areRefused(metric.protobuf(), OtlpFormat.PROTOBUF, this::take);
        }
    }

    @Test
    void hostileBody_isRefusedCheaply() {
        String deep = "{\"resourceMetrics\":" + "[".repeat(1_000_000);
        assertThat(take(deep.getBytes(StandardCharsets.UTF_8), OtlpFormat.JSON))
                .isInstanceOf(OtlpOutcome.Malformed.class);
        assertThat(take(new byte[(16 << 20) + 1], OtlpFormat.PROTOBUF)).isInstanceOf(OtlpOutcome.TooLarge.class);
        assertThat(take(new byte[] {10, -1, -1, -1, -1, 15}, OtlpFormat.PROTOBUF))
                .isInstanceOf(OtlpOutcome.Malformed.class);
        String manyMetrics =
                "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[" + "{},".repeat(100_000) + "{}]}]}]}";
        assertThat(take(manyMetrics.getBytes(StandardCharsets.UTF_8), OtlpFormat.JSON))
                .isInstanceOf(OtlpOutcome.TooLarge.class);
        MetricWriter manyBuckets = MetricWriter.exponential(TTFT, "s");
        for (int i = 0; i < 500; i++) {
            manyBuckets.exponential(at(1), at(2), 1, 20, i, 0, new long[1_000], "a", "" + i);
        }
        assertThat(take(manyBuckets)).isInstanceOf(OtlpOutcome.TooLarge.class);
        MetricWriter wide = MetricWriter.histogram(TTFT, "s")
                .buckets(
                        at(1),
                        at(2),
                        1,
                        IntStream.range(0, 2_000).asDoubleStream().toArray(),
                        new long[2_001]);
        assertThat(message(wide)).contains("1024 buckets");
        assertThat(buckets("llm.ttft")).isEmpty();
    }

    @Test
    void overflowingCounts_areRejected() {
        MetricWriter metric = MetricWriter.histogram(TTFT, "s")
                .buckets(at(1), at(2), 1, BOUNDS, new long[] {1L << 53, 1L << 53, 1L << 53});
        assertThat(message(metric)).isNotEmpty();
        assertThat(buckets("llm.ttft")).isEmpty();
    }

    @Test
    void streamsPastTheLimit_areForgotten_andNotCountedAnewWhenTheyComeBack() {
        for (int i = 0; i <= PointHistory.MOST_STREAMS; i += 1_000) {
            MetricWriter metric = MetricWriter.sum("vllm:generation_tokens_total");
            for (int j = i; j < i + 1_000; j++) {
                metric.value(at(1), at(5), 10, "k", "" + j);
            }
            take(metric);
        }
        take(MetricWriter.sum("vllm:generation_tokens_total").value(at(1), at(15), 12, "k", "0"));
        assertThat(event("first_sight")).isEqualTo(1);
        take(MetricWriter.sum("vllm:generation_tokens_total").value(at(1), at(25), 15, "k", "0"));
        assertThat(RecordingSink.of(collector)
                        .of("llm.generated_tokens")
                        .getLast()
                        .scaled())
                .isEqualTo(3);
    }
}
