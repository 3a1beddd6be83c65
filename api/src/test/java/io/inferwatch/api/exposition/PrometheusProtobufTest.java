package io.inferwatch.api.exposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferwatch.collector.catalogue.MetricUnit;
import io.inferwatch.collector.scrape.page.BucketSeries;
import io.inferwatch.collector.scrape.page.Family;
import io.inferwatch.collector.scrape.page.Page;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What we write in protobuf, our own scraper reads as it was meant. */
class PrometheusProtobufTest {

    private static Page read(MetricSnapshots snapshots) throws Exception {
        Page page = Page.read(PrometheusProtobuf.write(snapshots), PrometheusProtobuf.CONTENT_TYPE, name -> true);
        assertThat(page.malformedLines()).as(page.firstProblem()).isZero();
        return page;
    }

    @Test
    void nativeHistogramComesBack_withItsGapsAndItsZeros() throws Exception {
        MetricSnapshots written = new MetricSnapshots(HistogramSnapshot.builder()
                .name("inferwatch_llm_ttft_seconds")
                .help("request received to first token")
                .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .nativeSchema(0)
                        .nativeZeroCount(2)
                        .nativeBucketsForPositiveValues(NativeHistogramBuckets.builder()
                                .bucket(-3, 5)
                                .bucket(-2, 1)
                                .bucket(4, 7)
                                .build())
                        .sum(61.5)
                        .labels(Labels.of("model", "a \"quoted\"\nname"))
                        .build())
                .build());

        Family family = read(written).families().getFirst();
        BucketSeries series = family.histograms().getFirst();

        assertThat(family.name()).isEqualTo("inferwatch_llm_ttft_seconds");
        assertThat(series.labels()).isEqualTo(Map.of("model", "a \"quoted\"\nname"));
        assertThat(series.count()).isEqualTo(15);
        assertThat(series.sum()).hasValue(61.5);
        assertThat(upTo(series, 0.125)).isEqualTo(7);
        assertThat(upTo(series, 0.25)).isEqualTo(8);
        assertThat(upTo(series, 16)).isEqualTo(15);
    }

    private static long upTo(BucketSeries series, double bound) {
        long below = 0;
        for (int i = 0; i < series.bounds().length; i++) {
            if (series.bounds()[i] <= bound * 1.000001) {
                below = series.cumulative()[i];
            }
        }
        return below;
    }

    @Test
    void counterHasItsSuffix() throws Exception {
        MetricSnapshots written = new MetricSnapshots(CounterSnapshot.builder()
                .name("inferwatch_llm_requests")
                .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .value(7)
                        .build())
                .build());

        byte[] bytes = PrometheusProtobuf.write(written);

        assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).contains("inferwatch_llm_requests_total");
        assertThat(read(written).families().getFirst().scalars().getFirst().value())
                .isEqualTo(7);
    }

    @Test
    void baseUnitsAreThoseOfTheNames() {
        assertThat(MetricUnit.MILLISECONDS.toBaseUnits(118_200)).isCloseTo(0.1182, within(1e-12));
        assertThat(MetricUnit.PERCENT.toBaseUnits(600_000)).isCloseTo(0.6, within(1e-12));
        assertThat(MetricUnit.BYTES.toBaseUnits(7)).isEqualTo(7);
    }
}
