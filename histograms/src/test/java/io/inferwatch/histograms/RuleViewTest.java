package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferwatch.collector.LabelSet;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleViewTest {
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private static Sample.Present present(List<GroupSample> samples) {
        assertThat(samples).hasSize(1);
        assertThat(samples.getFirst().sample()).isInstanceOf(Sample.Present.class);
        return (Sample.Present) samples.getFirst().sample();
    }

    @Test
    void newestSampleCounts_whenItCameJustBeforeTheTick() {
        Feed feed = new Feed();
        SignalQuery query = Metrics.over(Metrics.all(Metrics.TTFT, "model"), Metrics.p("95"), TEN_SECONDS);
        feed.store.retain(List.of(query));
        feed.nowMillis.set(Metrics.T0 + 20_000);
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 19_700, 640_000);

        Sample.Present sample = present(feed.cut().evaluate(query));

        assertThat(sample.value()).isCloseTo(640.0, within(0.64));
        assertThat(sample.count()).isEqualTo(1);
    }

    @Test
    void oldSamplesFallOut_whenTheRangeMovesOn() {
        Feed feed = new Feed();
        SignalQuery count = Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, TEN_SECONDS);
        feed.store.retain(List.of(count));
        for (int second = 0; second < 60; second++) {
            feed.nowMillis.set(Metrics.T0 + second * 1_000L + 999);
            feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + second * 1_000L + 500, 1_000);
            feed.nowMillis.set(Metrics.T0 + (second + 1) * 1_000L);
            assertThat(present(feed.cut().evaluate(count)).count()).isEqualTo(Math.min(10, second + 1));
        }
        feed.nowMillis.addAndGet(11_000);
        List<GroupSample> after = feed.cut().evaluate(count);
        assertThat(after.getFirst().sample()).isEqualTo(new Sample.Missing("no samples in the last 10s"));
    }

    @Test
    void seriesThatTellsNothingAnyMoreIsThere_asLongAsTheRangeHoldsItsSamples() {
        Feed feed = new Feed();
        SignalQuery day = Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, Duration.ofDays(1));
        feed.store.retain(List.of(day));
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0, 1_000);
        feed.cut();
        feed.at(Duration.ofHours(20).toMillis());
        assertThat(present(feed.cut().evaluate(day)).count()).isEqualTo(1);
        feed.at(Duration.ofHours(26).toMillis());
        assertThat(feed.cut().evaluate(day)).isEmpty();
    }

    @Test
    void successesAreMeant_whenALatencyIsAskedForWithoutAnOutcome() {
        Feed feed = new Feed();
        SignalQuery plain = Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, TEN_SECONDS);
        SignalQuery all = Metrics.over(Metrics.where(Metrics.TTFT, "outcome", "*"), Aggregate.Basic.COUNT, TEN_SECONDS);
        feed.store.retain(List.of(plain, all));
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0, 1_000);
        feed.observe(Metrics.TTFT, LabelSet.of("model", "a", "outcome", "timeout"), Metrics.T0, 60_000_000);

        MetricView view = feed.cut();

        assertThat(present(view.evaluate(plain)).count()).isEqualTo(1);
        assertThat(present(view.evaluate(all)).count()).isEqualTo(2);
    }

    @Test
    void bestObserverIsHeardAlone_whenTwoSeeTheSameServer() {
        Feed feed = new Feed();
        SignalQuery query = Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, TEN_SECONDS);
        feed.store.retain(List.of(query));
        for (String observer : List.of("push", "proxy", "scrape")) {
            LabelSet labels = LabelSet.of("server", "s", "outcome", "success", "observer", observer);
            feed.observe(Metrics.TTFT, labels, Metrics.T0, 1_000);
        }
        assertThat(present(feed.cut().evaluate(query)).count()).isEqualTo(1);
    }

    @Test
    void gaugesThatAddUpAreSummedAndOthersMerged_whenSeveralSeriesMeet() {
        Feed feed = new Feed();
        SignalQuery power = Metrics.over(Metrics.all(Metrics.POWER), Aggregate.Basic.AVG, TEN_SECONDS);
        SignalQuery heat = Metrics.over(Metrics.all(Metrics.TEMPERATURE), Aggregate.Basic.AVG, TEN_SECONDS);
        SignalQuery hottest = Metrics.over(
                Metrics.across(Metrics.all(Metrics.TEMPERATURE), Across.MAX), Aggregate.Basic.AVG, TEN_SECONDS);
        feed.store.retain(List.of(power, heat, hottest));
        for (int gpu = 0; gpu < 2; gpu++) {
            feed.observe(Metrics.POWER, Metrics.gpu(gpu), Metrics.T0, 400_000L + 100_000L * gpu);
            feed.observe(Metrics.TEMPERATURE, Metrics.gpu(gpu), Metrics.T0, 60_000L + 10_000L * gpu);
        }
        MetricView view = feed.cut();

        assertThat(present(view.evaluate(power)).value()).isEqualTo(900.0);
        assertThat(present(view.evaluate(heat)).value()).isEqualTo(65.0);
        assertThat(present(view.evaluate(hottest)).value()).isEqualTo(70.0);
    }

    @Test
    void longRangeIsWhole_afterARestart() {
        Feed before = new Feed();
        for (int second = 0; second < 300; second++) {
            before.at(second * 1_000L);
            before.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0 + second * 1_000L, 400_000L + second);
        }
        before.store.flush();
        Feed after = new Feed(before.rows, HistogramsConfig.DEFAULT);
        after.nowMillis.set(Metrics.T0 + 300_000);
        SignalQuery query = Metrics.over(Metrics.all(Metrics.POWER), Aggregate.Basic.MAX, Duration.ofMinutes(10));
        after.store.retain(List.of(query));

        MetricView view = after.cut();

        assertThat(present(view.evaluate(query)).count()).isEqualTo(300);
        assertThat(view.everMatched(query.selection())).isTrue();
        assertThat(view.everMatched(Metrics.all(Metrics.TTFT))).isFalse();
    }

    @Test
    void secondsAreWhole_whenAReplayPassesRecordsThatTheRowsHold() {
        Feed before = new Feed();
        for (int second = 0; second < 60; second++) {
            before.at(second * 1_000L);
            before.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + second * 1_000L, 1_000);
        }
        before.store.flush();
        Feed after = new Feed(before.rows, HistogramsConfig.DEFAULT);
        SignalQuery seconds = Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, Duration.ofSeconds(7));
        SignalQuery minutes = Metrics.over(Metrics.all(Metrics.LATENCY), Aggregate.Basic.COUNT, Duration.ofMinutes(5));
        after.store.retain(List.of(seconds, minutes));
        for (int second = 0; second < 60; second++) {
            after.nowMillis.set(Metrics.T0 + second * 1_000L);
            after.store.beginRecord(second + 1, after.nowMillis.get(), false);
            assertThat(after.store.needs(Metrics.TTFT)).isTrue();
            assertThat(after.store.needs(Metrics.LATENCY)).isFalse();
            after.store.observe(Metrics.TTFT, Metrics.success("a"), after.nowMillis.get(), 1_000, 1, null);
            after.store.endRecord();
        }
        after.nowMillis.set(Metrics.T0 + 60_000);

        assertThat(present(after.cut().evaluate(seconds)).count()).isEqualTo(7);
        after.store.beginRecord(61, after.nowMillis.get(), false);
        assertThat(after.store.needs(Metrics.LATENCY)).isTrue();
        after.store.endRecord();
    }

    @Test
    void nothingIsLostOrDoubled_whenRulesChangeWhileDataFlows() {
        Feed feed = new Feed();
        SignalQuery query = Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, Duration.ofMinutes(5));
        SignalQuery longer = Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, Duration.ofMinutes(20));
        feed.store.retain(List.of());
        for (int second = 0; second < 240; second++) {
            feed.at(second * 1_000L);
            feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + second * 1_000L, 5_000);
            feed.store.writeRows();
            if (second == 100) {
                feed.store.retain(List.of(query));
            }
            if (second == 150) {
                feed.store.retain(List.of(query, longer));
            }
            if (second > 100) {
                assertThat(present(feed.cut().evaluate(query)).count()).isEqualTo(second + 1);
            }
        }
        assertThat(present(feed.cut().evaluate(longer)).count()).isEqualTo(240);
    }

    @Test
    void rangeGrows_untilItHoldsEnoughSamples() {
        Feed feed = new Feed();
        SignalQuery query = new SignalQuery(
                Metrics.all(Metrics.TTFT),
                Aggregate.Basic.AVG,
                Duration.ofMinutes(1),
                Duration.ofMinutes(30),
                5,
                Duration.ZERO);
        feed.store.retain(List.of(query));
        for (int minute = 0; minute < 10; minute++) {
            feed.at(minute * 60_000L);
            feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + minute * 60_000L, 1_000);
        }
        GroupSample sample = feed.cut().evaluate(query).getFirst();

        assertThat(sample.sample()).isInstanceOf(Sample.Present.class);
        assertThat(sample.over()).isBetween(Duration.ofSeconds(230), Duration.ofMinutes(4));
    }

    @Test
    void sourceIsLive_whileItsRecordsCome() {
        Feed feed = new Feed();
        feed.store.retain(List.of(Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.AVG, TEN_SECONDS)));
        assertThat(feed.cut().isSourceLive(Metrics.all(Metrics.TTFT))).isFalse();
        feed.observe(Metrics.REQUESTS, Metrics.success("a"), Metrics.T0, 1);
        feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0, 1);
        assertThat(feed.cut().isSourceLive(Metrics.all(Metrics.TTFT))).isTrue();
        assertThat(feed.cut().isSourceLive(Metrics.all(Metrics.POWER))).isTrue();
        feed.nowMillis.addAndGet(31_000);
        assertThat(feed.cut().isSourceLive(Metrics.all(Metrics.POWER))).isFalse();
        feed.nowMillis.addAndGet(570_000);
        assertThat(feed.cut().isSourceLive(Metrics.all(Metrics.TTFT))).isFalse();
    }
}
