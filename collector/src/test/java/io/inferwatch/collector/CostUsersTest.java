package io.inferwatch.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.ids.IdHash;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CostUsersTest {
    private static final long NOW = 1_790_000_000_000L;
    private static final long DOLLAR = 1_000_000_000L;
    private static final Set<String> USER = Set.of("user");

    private final CostUsers users = new CostUsers();

    private boolean isOther(String user, long nanos) {
        return users.isOther(user, nanos, NOW);
    }

    private void fill(int count, long nanos) {
        IntStream.range(0, count).forEach(i -> isOther("user-" + i, nanos));
    }

    @Test
    void firstThousandHaveTheirOwn() {
        fill(1_000, DOLLAR);
        assertThat(users.toldAsOther()).isZero();
        assertThat(isOther("one more", DOLLAR)).isTrue();
        assertThat(users.toldAsOther()).isEqualTo(1);
        assertThat(isOther("user-7", DOLLAR)).isFalse();
    }

    @Test
    void largerUserTakesTheSmallestPlace() {
        fill(999, 10 * DOLLAR);
        assertThat(isOther("small", DOLLAR)).isFalse();
        assertThat(isOther("big", DOLLAR)).isTrue();
        assertThat(isOther("big", DOLLAR)).isFalse();
        assertThat(isOther("small", 1)).isTrue();
        assertThat(isOther("user-0", 1)).isFalse();
    }

    @Test
    void crowdOfOneTimeUsersTakesNoPlace_andHidesNoLargeOne() {
        fill(1_000, 10 * DOLLAR);
        boolean isLargeSeen = false;
        for (int i = 0; i < 100_000; i++) {
            assertThat(isOther("once-" + i, DOLLAR)).isTrue();
            if (i % 100 == 0) {
                isLargeSeen = !isOther("large", DOLLAR);
            }
        }
        assertThat(isLargeSeen).isTrue();
        assertThat(IntStream.range(0, 1_000)
                        .filter(i -> isOther("user-" + i, 1))
                        .count())
                .isLessThanOrEqualTo(1);
    }

    @Test
    void pastFades_withTheHours() {
        fill(1_000, 64 * DOLLAR);
        assertThat(isOther("new", 10 * DOLLAR)).isTrue();
        assertThat(users.isOther("new", 1, NOW + Duration.ofHours(1).toMillis()))
                .isTrue();
        assertThat(users.isOther("new", 40 * DOLLAR, NOW + Duration.ofHours(2).toMillis()))
                .isFalse();
    }

    @Test
    void totalStays_andAReplayTellsTheSame() {
        ListJournal journal = new ListJournal();
        Collector first = collector(journal);
        int requests = 2_500;
        MeasurementBatch batch = first.newBatch().clear(NOW, false);
        for (int i = 0; i < requests; i++) {
            batch.add(new RequestMeasurement.Builder()
                    .text(RequestText.MODEL, "m")
                    .text(RequestText.USER, "user-" + i)
                    .amount(RequestAmount.COST, DOLLAR)
                    .build());
        }
        first.append(batch);

        var observed = RecordingSink.of(first).of("cost.usd");
        assertThat(observed.stream()
                        .mapToLong(RecordingSink.Observation::scaled)
                        .sum())
                .isEqualTo(requests * DOLLAR);
        Set<LabelSet> series =
                observed.stream().map(each -> each.labels().only(USER)).collect(Collectors.toSet());
        assertThat(series).hasSize(CostUsers.MOST_KEPT + 1).contains(LabelSet.of("user", CostUsers.OTHER));
        assertThat(first.stats().costsToldAsOther()).isEqualTo(requests - CostUsers.MOST_KEPT);
        assertThat(RecordingSink.of(collector(journal)).of("cost.usd")).isEqualTo(observed);
    }

    private static Collector collector(ListJournal journal) {
        return new Collector(CollectorConfig.DEFAULT, journal, LabelSet.EMPTY, new IdHash(1, 2), () -> false)
                .recallIds();
    }
}
