package io.inferwatch.collector.proxy.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GapCountsTest {
    private static Map<Long, Long> of(GapCounts gaps) {
        Map<Long, Long> all = new TreeMap<>();
        gaps.forEach(all::put);
        return all;
    }

    @Test
    void timesAreKeptToThreeDigits_soThatEachStaysWithinAThousandth() {
        for (long micros = 0; micros < 3_600_000_000L; micros = micros * 1001 / 1000 + 1) {
            GapCounts gaps = new GapCounts();
            gaps.add(micros);
            long kept = of(gaps).keySet().iterator().next();
            assertThat((double) Math.abs(kept - micros)).as("%s µs", micros).isLessThanOrEqualTo(micros / 1000.0);
        }
    }

    @Test
    void equalTimesAreCounted_andCountsOfSeveralAnswersAdd() {
        GapCounts gaps = new GapCounts();
        gaps.add(12);
        gaps.add(12);
        gaps.add(20_000);
        gaps.add(20_003);
        GapCounts more = new GapCounts();
        more.add(12);
        more.addAll(gaps);

        assertThat(of(more)).isEqualTo(Map.of(12L, 3L, 20_008L, 2L));
        assertThat(new GapCounts().isEmpty()).isTrue();
    }
}
