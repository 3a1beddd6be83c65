package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class SeriesTotalsTest {
    private final Feed feed = new Feed();

    @Test
    void totalsAreThoseOfAllSamples_whenWindowsAreOpenClosedAndWritten() {
        for (int second = 0; second < 100; second++) {
            feed.at(second * 1_000L);
            feed.observe(Metrics.TTFT, Metrics.success("m"), Metrics.T0 + second * 1_000L, 1_500, 2, "r" + second);
            if (second == 60) {
                feed.write();
            }
        }

        assertThat(feed.store.totals())
                .containsExactly(new SeriesTotals(
                        Metrics.TTFT, Metrics.success("m"), 200, 300, 1.5, Instant.ofEpochMilli(Metrics.T0 + 99_000)));
    }

    @Test
    void lastIsTheNewestByItsOwnTime_whenRecordsComeLate() {
        feed.at(60_000);
        feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0 + 50_000, 400_000);
        feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0 + 20_000, 100_000);

        assertThat(feed.store.totals())
                .extracting(SeriesTotals::count, SeriesTotals::sum, SeriesTotals::last, SeriesTotals::lastAt)
                .containsExactly(tuple(2L, 500.0, 400.0, Instant.ofEpochMilli(Metrics.T0 + 50_000)));
    }

    @Test
    void totalsBeginAnew_whenTheProcessStartsAgain() {
        feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0, 400_000);
        feed.at(20_000);
        feed.write();

        Feed restarted = new Feed(feed.rows, HistogramsConfig.DEFAULT);
        restarted.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0, 400_000);
        assertThat(restarted.store.totals()).isEmpty();
        restarted.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0 + 60_000, 300_000);

        assertThat(restarted.store.totals())
                .extracting(SeriesTotals::count, SeriesTotals::sum)
                .containsExactly(tuple(1L, 300.0));
    }

    @Test
    void negativeSumsAreExact_whenTheMetricIsSigned() {
        feed.observe(Metrics.SCORE, Metrics.success("m"), Metrics.T0, -2_500_000);
        feed.observe(Metrics.SCORE, Metrics.success("m"), Metrics.T0 + 1, 1_000_000);

        assertThat(feed.store.totals())
                .extracting(SeriesTotals::sum, SeriesTotals::last)
                .containsExactly(tuple(-1.5, 1.0));
    }
}
