package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PastWindowsTest {
    private static final long MINUTES = 60_000;

    private static SignalQuery p95(Duration over) {
        return Metrics.over(Metrics.all(Metrics.TTFT, "model"), Metrics.p("95"), over);
    }

    /** Full 10 s ends, so that nothing of a running second is in question. */
    @Test
    void everyMoment_isAsItWasSeenWhenItWasNow() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<SignalQuery> queries = List.of(
                p95(Duration.ofMinutes(1)),
                p95(Duration.ofMinutes(5)),
                Metrics.over(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, Duration.ofMinutes(40)));
        Feed feed = new Feed();
        feed.store.retain(queries);
        Map<Instant, List<List<GroupSample>>> seen = new TreeMap<>();
        for (int tick = 1; tick <= 400; tick++) {
            for (int i = tick == 1 ? 1 : random.nextInt(4); i > 0; i--) {
                long at = Metrics.T0 + tick * 10_000L - 1 - random.nextInt(9_000);
                LabelSet labels = Metrics.success(random.nextBoolean() ? "a" : "b");
                feed.nowMillis.set(at);
                feed.observe(Metrics.TTFT, labels, at, 100_000 + random.nextInt(900_000));
            }
            feed.at(tick * 10_000L);
            MetricView now = feed.cut();
            seen.put(now.at(), queries.stream().map(now::evaluate).toList());
            if (tick % 60 == 0) {
                feed.write();
            }
        }

        PastWindows past = feed.store.queries().past(queries, Instant.ofEpochMilli(Metrics.T0 + 10_000));
        seen.forEach((at, then) -> {
            PastWindows.Moment moment = past.at(at);
            assertThat(moment.wasRunning()).as("seed %d, %s", seed, at).isTrue();
            List<List<GroupSample>> again =
                    queries.stream().map(moment::evaluate).toList();
            for (int i = 0; i < queries.size(); i++) {
                assertThat(again.get(i))
                        .as("seed %d, %s, %s", seed, at, queries.get(i).over())
                        .containsExactlyInAnyOrderElementsOf(then.get(i));
            }
        });
    }

    @Test
    void historySentInAfterwards_isPartOfThePast() {
        Feed feed = new Feed();
        feed.at(60 * MINUTES);
        feed.backfill(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 5_000, 700_000);
        feed.write();
        SignalQuery query = p95(Duration.ofMinutes(1));

        PastWindows past = feed.store.queries().past(List.of(query), Instant.ofEpochMilli(Metrics.T0));
        assertThat(past.at(Instant.ofEpochMilli(Metrics.T0)).wasRunning()).isFalse();
        PastWindows.Moment moment = past.at(Instant.ofEpochMilli(Metrics.T0 + 10_000));
        assertThat(moment.wasRunning()).isTrue();
        assertThat(moment.evaluate(query)).singleElement().satisfies(group -> {
            assertThat(group.labels()).isEqualTo(LabelSet.of("model", "a"));
            assertThat(group.sample()).isInstanceOf(Sample.Present.class);
        });
    }

    @Test
    void rangeThatBeginsWithinAWindow_isNotGuessedAt() {
        Feed feed = new Feed();
        feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + 5_000, 700_000);
        feed.write();
        SignalQuery odd = p95(Duration.ofSeconds(15));

        PastWindows past = feed.store.queries().past(List.of(odd), Instant.ofEpochMilli(Metrics.T0));
        PastWindows.Moment moment = past.at(Instant.ofEpochMilli(Metrics.T0 + 10_000));
        assertThat(moment.isTooCoarse(odd)).isTrue();
        assertThat(moment.evaluate(odd))
                .singleElement()
                .satisfies(group -> assertThat(group.sample())
                        .isEqualTo(new Sample.Missing("only windows of 10s are kept of then: too coarse for 15s")));
    }
}
