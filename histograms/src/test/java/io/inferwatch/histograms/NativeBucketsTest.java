package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeBucketsTest {

    private static NativeHistogram of(double... values) {
        NativeBuckets buckets = new NativeBuckets();
        for (double value : values) {
            buckets.add(value, 1);
        }
        return buckets.snapshot();
    }

    /** A bound belongs to the bucket below it: Prometheus's buckets are closed above. */
    @ParameterizedTest
    @CsvSource({"1,0", "2,32", "0.5,-32", "1.0000001,1", "0.9999999,0", "3.0517578125e-5,-480", "1.02189714865411,1"})
    void valueLiesInTheBucketOfItsBounds(double value, int index) {
        NativeHistogram one = of(value);

        assertThat(one.schema()).isEqualTo(5);
        assertThat(one.positive().size()).isEqualTo(1);
        assertThat(one.positive().first()).isEqualTo(index);
        assertThat(value)
                .isGreaterThan(NativeHistogram.upperBound(5, index - 1))
                .isLessThanOrEqualTo(NativeHistogram.upperBound(5, index));
    }

    @Test
    void zeroAndNegativeValuesHaveCountsOfTheirOwn() {
        NativeHistogram mixed = of(0, 0, -2, 4, 4);

        assertThat(mixed.zeroCount()).isEqualTo(2);
        assertThat(mixed.negative().first()).isEqualTo(32);
        assertThat(mixed.positive().first()).isEqualTo(64);
        assertThat(mixed.positive().count(0)).isEqualTo(2);
        assertThat(mixed.count()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void countsAreExactAtEveryBound_whenValuesLieFarApart(long seed) {
        Random random = new Random(seed);
        double[] values = new double[2_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.exp(random.nextGaussian() * 8);
        }

        NativeHistogram spread = of(values);

        assertThat(spread.schema()).as("seed %d", seed).isLessThan(5);
        assertThat(spread.positive().size()).isLessThanOrEqualTo(320);
        long below = 0;
        for (int i = 0; i < spread.positive().size(); i++) {
            below += spread.positive().count(i);
            double bound = NativeHistogram.upperBound(
                    spread.schema(), spread.positive().first() + i);
            long expected = 0;
            for (double value : values) {
                expected += value <= bound ? 1 : 0;
            }
            assertThat(below).as("up to %s, seed %d", bound, seed).isEqualTo(expected);
        }
        assertThat(below).isEqualTo(values.length);
    }
}
