package io.inferwatch.api.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Unit;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The form of OTLP's JSON: 64-bit numbers are texts, and bucket i holds values up to base^(i+1). */
class OtlpMetricsBodyTest {
    private final OtlpMetricsBody body =
            new OtlpMetricsBody(Instant.ofEpochSecond(100), Map.of("service.name", "inferwatch"));

    private String of(MetricSnapshots snapshots) {
        return new String(body.of(snapshots, Instant.ofEpochSecond(160, 5)), StandardCharsets.UTF_8);
    }

    @Test
    void eventIsAnExponentialHistogram_withItsGapsFilled() {
        String json = of(new MetricSnapshots(HistogramSnapshot.builder()
                .name("inferwatch_llm_ttft_seconds")
                .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .nativeSchema(5)
                        .nativeZeroCount(1)
                        .nativeBucketsForPositiveValues(NativeHistogramBuckets.builder()
                                .bucket(-96, 4)
                                .bucket(-94, 2)
                                .build())
                        .sum(0.8)
                        .labels(Labels.of("model", "m"))
                        .build())
                .build()));

        assertThat(json)
                .contains("\"exponentialHistogram\":")
                .contains("\"count\":\"7\"")
                .contains("\"scale\":5")
                .contains("\"zeroCount\":\"1\"")
                .contains("\"offset\":-97")
                .contains("\"bucketCounts\":[\"4\",\"0\",\"2\"]")
                .contains("\"startTimeUnixNano\":\"100000000000\"")
                .contains("\"timeUnixNano\":\"160000000005\"")
                .contains("{\"stringValue\":\"m\"}");
    }

    @Test
    void counterIsACumulativeSum_andAGaugeHasNoStart() {
        assertThat(of(new MetricSnapshots(CounterSnapshot.builder()
                        .name("inferwatch_llm_requests")
                        .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                                .value(7)
                                .build())
                        .build())))
                .contains("\"sum\":")
                .contains("\"isMonotonic\":true")
                .contains("\"aggregationTemporality\":2")
                .contains("\"asDouble\":7");
        assertThat(of(new MetricSnapshots(GaugeSnapshot.builder()
                        .name("inferwatch_gpu_power_watts")
                        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                .value(401.5)
                                .build())
                        .build())))
                .contains("\"gauge\":")
                .contains("\"asDouble\":401.5")
                .doesNotContain("startTimeUnixNano");
    }

    @Test
    void sumThatMayFall_isNotTold() {
        String json = of(new MetricSnapshots(HistogramSnapshot.builder()
                .name("inferwatch_eval_score")
                .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .nativeSchema(5)
                        .nativeBucketsForNegativeValues(
                                NativeHistogramBuckets.builder().bucket(3, 1).build())
                        .sum(-1.1)
                        .build())
                .build()));

        assertThat(json).contains("\"count\":\"1\"", "\"negative\":").doesNotContain("\"sum\":-1.1");
    }

    /** A series that was idle for an hour is given up, and counts anew when it comes back. */
    @Test
    void aCounterThatCountsAnew_hasANewStart() {
        assertThat(counted(160, 7)).contains("\"startTimeUnixNano\":\"100000000000\"");
        assertThat(counted(175, 9)).contains("\"startTimeUnixNano\":\"100000000000\"");
        assertThat(counted(190, 2)).as("it fell").contains("\"startTimeUnixNano\":\"175000000000\"");
        assertThat(counted(205, 3)).contains("\"startTimeUnixNano\":\"175000000000\"");
        body.of(new MetricSnapshots(), Instant.ofEpochSecond(220));
        assertThat(counted(235, 4)).as("it was away").contains("\"startTimeUnixNano\":\"220000000000\"");
    }

    private String counted(long epochSecond, double value) {
        MetricSnapshots snapshots = new MetricSnapshots(CounterSnapshot.builder()
                .name("inferwatch_llm_requests")
                .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(Labels.of("model", "m"))
                        .value(value)
                        .build())
                .build());
        return new String(body.of(snapshots, Instant.ofEpochSecond(epochSecond)), StandardCharsets.UTF_8);
    }

    @Test
    void unitsAreThoseOfUcum_andCountsWithoutBuckets_areAHistogramWithoutBounds() {
        String json = of(new MetricSnapshots(HistogramSnapshot.builder()
                .name("inferwatch_llm_ttft_seconds")
                .unit(new Unit("seconds"))
                .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(
                                ClassicHistogramBuckets.of(List.of(Double.POSITIVE_INFINITY), List.of(12L)))
                        .sum(2.4)
                        .labels(Labels.of("observer", "scrape"))
                        .build())
                .build()));

        assertThat(json)
                .contains("\"unit\":\"s\"")
                .contains("\"histogram\":", "\"count\":\"12\"", "\"sum\":2.4")
                .contains("inferwatch.without_buckets")
                .doesNotContain("exponentialHistogram", "scale");
    }
}
