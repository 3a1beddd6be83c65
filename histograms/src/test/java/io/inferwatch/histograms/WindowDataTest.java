package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WindowDataTest {
    private static final List<Distributions> SHAPES = List.of(Distributions.values());
    private static final String[] RANKS = {"0", "1", "25", "50", "90", "95", "99", "99.9", "99.99", "100"};

    @ParameterizedTest
    @EnumSource(Distributions.class)
    void percentileIsWithinOneThousandthOfTheSortedList_whenSamplesHaveThisShape(Distributions shape) {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int size : new int[] {1, 2, 3, 7, 100, 20_000}) {
            long[] samples = shape.samples(random, size);
            WindowData data = WindowData.ofSamples(1_000, samples);
            Arrays.sort(samples);
            for (String p : RANKS) {
                long expected = samples[rank(p, size) - 1];
                assertThat((double) data.percentileScaled(new BigDecimal(p)))
                        .as("seed %d, %s, p%s of %d", seed, shape, p, size)
                        .isCloseTo((double) expected, within(Math.abs(expected) * 0.001));
            }
        }
    }

    private static int rank(String p, int size) {
        BigInteger numerator =
                new BigDecimal(p).movePointRight(6).toBigIntegerExact().multiply(BigInteger.valueOf(size));
        BigInteger whole = BigInteger.valueOf(100_000_000);
        return Math.max(
                1, numerator.add(whole).subtract(BigInteger.ONE).divide(whole).intValueExact());
    }

    @Test
    void rankIsExact_whenDoubleArithmeticWouldMissIt() {
        long[] samples = new long[2_000];
        Arrays.setAll(samples, i -> i + 1);

        WindowData data = WindowData.ofSamples(0, samples);

        assertThat(data.percentileScaled(new BigDecimal("99.9"))).isEqualTo(1_998);
        assertThat(data.percentileScaled(new BigDecimal("55"))).isEqualTo(1_100);
        assertThat(data.percentileScaled(new BigDecimal("0"))).isEqualTo(1);
        assertThatThrownBy(() -> data.percentileScaled(new BigDecimal("100.1"))).hasMessageContaining("100.1");
        assertThatThrownBy(() -> data.percentileScaled(new BigDecimal("-1"))).hasMessageContaining("-1");
    }

    @ParameterizedTest
    @EnumSource(Distributions.class)
    void mergeIsTheSameBytes_whenSamplesAreSplitAndOrderedAnyHow(Distributions shape) {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            int size = 1 + random.nextInt(400);
            List<Tally> parts = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(9); i++) {
                parts.add(new Tally());
            }
            Tally whole = new Tally();
            for (int i = 0; i < size; i++) {
                long value = shape.next(random);
                long weight = 1 + random.nextLong(3);
                long time = random.nextLong(50);
                String id = random.nextInt(4) == 0 ? null : "r" + random.nextInt(1_000);
                whole.record(value, weight, time, id);
                parts.get(random.nextInt(parts.size())).record(value, weight, time, id);
            }
            List<WindowData> windows = new ArrayList<>();
            parts.stream()
                    .filter(part -> !part.isEmpty())
                    .map(Tally::toWindowData)
                    .forEach(windows::add);
            while (windows.size() > 1) {
                int some = 2 + random.nextInt(windows.size() - 1);
                Collections.shuffle(windows, random);
                List<WindowData> group = windows.subList(0, some);
                WindowData merged = WindowData.decode(WindowData.merge(group).encoded());
                group.clear();
                windows.add(merged);
            }
            assertThat(windows.getFirst().encoded())
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(whole.toWindowData().encoded());
        }
    }

    @Test
    void countSumMinMaxAndLastAreExact_whenSamplesAreWeighted() {
        Tally tally = new Tally();
        tally.record(Cells.HIGHEST_SCALED, 3, 10, null);
        tally.record(Cells.HIGHEST_SCALED, 5, 11, null);
        tally.record(-7, 2, 12, null);
        tally.record(9, 1, 5, null);

        WindowData data = WindowData.decode(tally.toWindowData().encoded());

        assertThat(data.count()).isEqualTo(11);
        assertThat(data.sumScaled())
                .isEqualTo(BigInteger.valueOf(Cells.HIGHEST_SCALED)
                        .multiply(BigInteger.valueOf(8))
                        .subtract(BigInteger.valueOf(5))
                        .doubleValue());
        assertThat(data.minScaled()).isEqualTo(-7);
        assertThat(data.maxScaled()).isEqualTo(Cells.HIGHEST_SCALED);
        assertThat(data.lastScaled()).isEqualTo(-7);
        assertThat(data.lastEpochMillis()).isEqualTo(12);
    }

    @Test
    void cellsAreThoseOfHdrHistogram_whenAnyValueIsRecorded() {
        Histogram library = new Histogram(Cells.HIGHEST_SCALED, 3);
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            long value = random.nextLong() >>> (2 + random.nextInt(61));
            int cell = Cells.of(value);
            assertThat(Cells.lowest(cell)).isEqualTo(library.lowestEquivalentValue(value));
            assertThat(Cells.highest(cell)).isEqualTo(library.highestEquivalentValue(value));
            assertThat(Cells.middle(cell)).isEqualTo(library.medianEquivalentValue(value));
            assertThat(Cells.of(Cells.lowest(cell))).isEqualTo(cell);
            assertThat(Cells.of(-value)).isEqualTo(-cell);
            assertThat(Cells.highest(-cell)).isEqualTo(-Cells.lowest(cell));
        }
    }

    @Test
    void shareIsExact_whenTheLimitIsACellBound() {
        Random random = new Random(5);
        long[] samples = Distributions.SIGNED.samples(random, 5_000);
        WindowData data = WindowData.ofSamples(0, samples);
        for (int i = 0; i < 500; i++) {
            int cell = Cells.of(samples[random.nextInt(samples.length)]);
            long end = Cells.highest(cell);
            long begin = Cells.lowest(cell);
            assertThat(data.countAbove(BigDecimal.valueOf(end)))
                    .isEqualTo(Arrays.stream(samples).filter(s -> s > end).count());
            assertThat(data.countBelow(BigDecimal.valueOf(begin)))
                    .isEqualTo(Arrays.stream(samples).filter(s -> s < begin).count());
        }
        assertThat(data.countAbove(new BigDecimal("1e300"))).isZero();
        assertThat(data.countBelow(new BigDecimal("1e300"))).isEqualTo(5_000);
        assertThat(data.countAbove(new BigDecimal("-1e300"))).isEqualTo(5_000);
    }

    @Test
    void shareIsStrict_whenTheLimitLiesBetweenSteps() {
        WindowData data = WindowData.ofSamples(0, 1, 2, 3, 3, 4);

        assertThat(data.countAbove(new BigDecimal("2.5"))).isEqualTo(3);
        assertThat(data.countBelow(new BigDecimal("2.5"))).isEqualTo(2);
        assertThat(data.countAbove(new BigDecimal("3"))).isEqualTo(1);
        assertThat(data.countBelow(new BigDecimal("3"))).isEqualTo(2);
    }

    private static WindowData someRow(Random random, int i) {
        Distributions shape = SHAPES.get(i % SHAPES.size());
        Tally tally = new Tally();
        for (int n = random.nextInt(200); n >= 0; n--) {
            tally.record(shape.next(random), 1, 1_760_000_000_000L + (long) n, n % 9 == 0 ? "id-" + n : null);
        }
        return tally.toWindowData();
    }

    private static byte[] damage(Random random, byte[] whole) {
        byte[] damaged =
                Arrays.copyOf(whole, random.nextInt(8) == 0 ? random.nextInt(whole.length + 20) : whole.length);
        for (int k = random.nextInt(5); k >= 0 && damaged.length > 0; k--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        return damaged;
    }

    @Test
    void damageIsRejectedOrHarmless_whenBytesAreFlippedCutOrAdded() {
        Random random = new Random(99);
        for (int i = 0; i < 100_000; i++) {
            byte[] row = damage(random, someRow(random, i % 50).encoded());
            try {
                WindowData data = WindowData.decode(row);
                assertThat(data.minScaled()).isBetween(-Cells.HIGHEST_SCALED, data.maxScaled());
                assertThat(data.count()).isPositive();
                data.percentileScaled(BigDecimal.TEN);
            } catch (IllegalArgumentException expected) {
                assertThat(expected).hasMessageStartingWith("a stored window cannot be read: ");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"10, 400200, 300, 16, 36", "200, 150000, 60000, 146, 456"})
    void rowIsSmall_whenItHoldsSoManySamples(int samples, long mean, long deviation, int least, int most) {
        Random random = new Random(3);
        Tally tally = new Tally();
        for (int i = 0; i < samples; i++) {
            tally.record(mean + (long) (random.nextGaussian() * deviation), 1, 1_760_000_000_000L + i, null);
        }

        assertThat(tally.toWindowData().encoded().length).isBetween(least, most);
        assertThat(tally.heapBytes()).isLessThan(4_400);
    }

    @Test
    void mergeIsRefused_whenThereIsNothingToMerge() {
        assertThatThrownBy(() -> WindowData.merge(List.of())).hasMessageContaining("empty window");
        assertThatThrownBy(() -> WindowData.ofSamples(1)).hasMessageContaining("empty window");
    }

    @Test
    void sampleIsRefusedWhole_whenItsCellIsFull() {
        Tally tally = new Tally();

        assertThat(tally.record(5, Tally.HIGHEST_CELL_COUNT, 1, null)).isTrue();
        assertThat(tally.record(5, 1, 2, null)).isFalse();
        assertThat(tally.record(6, Long.MAX_VALUE, 2, null)).isFalse();

        assertThat(tally.toWindowData().count()).isEqualTo(Tally.HIGHEST_CELL_COUNT);
        assertThat(tally.toWindowData().lastEpochMillis()).isEqualTo(1);
    }

    @Test
    void slowestAreRemembered_theEarliestOfEquals_whateverTheOrder() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            List<Exemplar> all = new ArrayList<>();
            for (int i = random.nextInt(30); i >= 0; i--) {
                all.add(new Exemplar("id-" + random.nextInt(5) + "-" + i, random.nextInt(4), random.nextInt(3)));
            }
            Tally tally = new Tally();
            all.forEach(one -> tally.record(one.scaledValue(), 1, one.epochMillis(), one.requestId()));
            List<Exemplar> slowest = all.stream()
                    .sorted(Exemplar.SLOWEST_FIRST)
                    .limit(Exemplar.KEPT_PER_WINDOW)
                    .toList();
            assertThat(tally.toWindowData().exemplars()).as("seed %d", seed).isEqualTo(slowest);
        }
    }

    @Test
    void deviationMatchesTheSamples_whenTheyAreSpread() {
        long[] samples = Distributions.BIMODAL.samples(new Random(8), 4_000);
        double mean = Arrays.stream(samples).average().orElseThrow();
        double expected = Math.sqrt(Arrays.stream(samples)
                .mapToDouble(s -> (s - mean) * (s - mean))
                .average()
                .orElseThrow());

        assertThat(WindowData.ofSamples(0, samples).stddevScaled()).isCloseTo(expected, within(expected * 0.001));
    }
}
