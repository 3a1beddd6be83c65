package io.inferwatch.api.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.SeriesTotals;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBucket;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventHistogramsTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");
    private static final SeriesTotals SCRAPED =
            new SeriesTotals(MetricCatalogue.require("llm.ttft"), LabelSet.of("observer", "scrape"), 12, 2_400, 0, NOW);

    private static HistogramDataPointSnapshot point(MetricSnapshots snapshots) {
        return ((HistogramSnapshot) snapshots.get(0)).getDataPoints().getFirst();
    }

    @Test
    void scrapedSeriesIsToldByCountAndSum_inEitherForm() {
        for (EventHistograms form : EventHistograms.values()) {
            HistogramDataPointSnapshot point = point(Exposition.withHistograms(List.of(SCRAPED), form, NOW));

            assertThat(point.hasNativeHistogramData()).isFalse();
            assertThat(point.getCount()).isEqualTo(12);
            assertThat(point.getSum()).isEqualTo(2.4);
            assertThat(point.getClassicBuckets().stream())
                    .extracting(ClassicHistogramBucket::getUpperBound)
                    .containsExactly(Double.POSITIVE_INFINITY);
        }
    }
}
