package io.inferwatch.api.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.proxy.InterChunk;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WaitingGapsTest {
    private final WaitingGaps gaps = new WaitingGaps();

    private static InterChunk gap(long micros, long count) {
        return new InterChunk("s", "m", "success", micros, count);
    }

    @Test
    void equalTimesAddUp_untilTheyAreTaken_andAgainWhenTheyAreGivenBack() {
        gaps.add(List.of(gap(20_008, 2), gap(12, 1)));
        gaps.add(List.of(gap(20_008, 3)));

        List<InterChunk> taken = gaps.take();
        assertThat(taken).containsExactlyInAnyOrder(gap(20_008, 5), gap(12, 1));
        assertThat(gaps.take()).isEmpty();
        gaps.add(List.of(gap(12, 4)));
        gaps.add(taken);
        assertThat(gaps.take()).containsExactlyInAnyOrder(gap(20_008, 5), gap(12, 5));
    }

    @Test
    void pastTheBound_newTimesAreCounted_andKnownOnesStillAddUp() {
        gaps.add(IntStream.range(0, 20_001).mapToObj(i -> gap(i, 1)).toList());
        gaps.add(List.of(gap(7, 1)));

        assertThat(gaps.dropped()).isEqualTo(1);
        assertThat(gaps.take()).hasSize(20_000).contains(gap(7, 2));
    }
}
