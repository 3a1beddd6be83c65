package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackfillTest {
    private static final long DAY_MILLIS = 86_400_000;
    private static final SignalQuery COUNT =
            Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, Duration.ofMinutes(5));

    private static final SignalQuery COUNT_OF_B =
            Metrics.over(Metrics.where(Metrics.TTFT, "model", "b"), Aggregate.Basic.COUNT, Duration.ofMinutes(5));

    private final Feed feed = new Feed();

    private long counted(long fromMillis, long toMillis) {
        return counted(feed, fromMillis, toMillis);
    }

    private static long counted(Feed feed, long fromMillis, long toMillis) {
        QueryRange range = QueryRange.whole(Instant.ofEpochMilli(fromMillis), Instant.ofEpochMilli(toMillis));
        return feed.store.queries().aggregate(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, range).groups().stream()
                .mapToLong(group -> group.points().getFirst().count())
                .sum();
    }

    @Test
    void ruleSeesNothing_whenSamplesComeByBackfill() {
        feed.store.retain(List.of(COUNT));
        feed.at(10_000);
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 9_000, 1_000);

        MetricView view = feed.cut();

        assertThat(view.evaluate(COUNT)).isEmpty();
        assertThat(view.everMatched(COUNT.selection())).isFalse();
        assertThat(counted(Metrics.T0, Metrics.T0 + 10_000)).isEqualTo(1);
    }

    @Test
    void liveSamplesAloneCount_whenHistoryComesForTheSameSeriesAndTime() {
        feed.store.retain(List.of(COUNT));
        feed.at(10_000);
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 9_000, 1_000);
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 9_000, 9_000_000);

        List<GroupSample> samples = feed.cut().evaluate(COUNT);

        assertThat(samples).hasSize(1);
        assertThat(samples.getFirst().sample()).isEqualTo(new Sample.Present(1, 1, new Provenance.Exact()));
        assertThat(counted(Metrics.T0, Metrics.T0 + 10_000)).isEqualTo(2);
    }

    @Test
    void ruleSeesLiveSamplesAlone_whenRowsAreReadBackAfterARestart() {
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 1_000, 1_000);
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 2_000, 9_000_000);
        feed.backfill(Metrics.TTFT, Metrics.success("b"), Metrics.T0 + 3_000, 9_000_000);
        feed.at(15_000);
        feed.write();

        Feed restarted = new Feed(feed.rows, HistogramsConfig.DEFAULT);
        restarted.nowMillis.set(feed.nowMillis.get());
        restarted.store.retain(List.of(COUNT, COUNT_OF_B));
        MetricView view = restarted.cut();

        assertThat(view.evaluate(COUNT))
                .extracting(GroupSample::sample)
                .containsExactly(new Sample.Present(1, 1, new Provenance.Exact()));
        assertThat(view.everMatched(COUNT_OF_B.selection())).isFalse();
        assertThat(counted(restarted, Metrics.T0, Metrics.T0 + 10_000)).isEqualTo(3);
    }

    @Test
    void ruleSeesLiveSamplesAlone_whenItIsNewAndHistoryIsNotWrittenYet() {
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 1_000, 1_000);
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 2_000, 9_000_000);

        feed.store.retain(List.of(COUNT));

        assertThat(feed.cut().evaluate(COUNT))
                .extracting(GroupSample::sample)
                .containsExactly(new Sample.Present(1, 1, new Provenance.Exact()));
    }

    @Test
    void historyStandsInSeriesOfItsOwn_whenTheLabelsAreThoseOfALiveOne() {
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 1_000, 1_000);
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 2_000, 2_000);

        assertThat(feed.store.queries().series(Metrics.TTFT.name()))
                .extracting(info -> info.labels().get("backfill").orElse("none"))
                .containsExactlyInAnyOrder("none", "true");
    }

    @Test
    void sourceIsNotLive_whenOnlyHistoryCame() {
        feed.store.retain(List.of(COUNT));
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0 - DAY_MILLIS, 1_000);
        assertThat(feed.cut().isSourceLive(COUNT.selection())).isFalse();

        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0, 1_000);
        assertThat(feed.cut().isSourceLive(COUNT.selection())).isTrue();

        feed.at(Source.patienceMillis(Source.PUSH) + 1);
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0 - DAY_MILLIS, 1_000);
        assertThat(feed.cut().isSourceLive(COUNT.selection())).isFalse();
    }

    @Test
    void historyAddsToItsRows_whenTheyWereWrittenLongAgo() {
        long yesterday = Metrics.T0 - DAY_MILLIS;
        feed.backfill(Metrics.TTFT, Metrics.success("a"), yesterday + 1_000, 1_000);
        feed.write();
        feed.backfill(Metrics.TTFT, Metrics.success("a"), yesterday + 2_000, 2_000);
        feed.write();

        var windows = feed.rows.rows().values().iterator().next();
        assertThat(windows).containsOnlyKeys(yesterday);
        assertThat(windows.firstEntry().getValue().data().sumScaled()).isEqualTo(3_000);
        assertThat(counted(yesterday, yesterday + 10_000)).isEqualTo(2);
    }

    @Test
    void totalsLeaveItOut_whenSamplesComeByBackfill() {
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0, 1_000);
        assertThat(feed.store.totals()).isEmpty();
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0, 2_000);
        assertThat(feed.store.totals()).extracting(SeriesTotals::sum).containsExactly(2.0);
    }
}
