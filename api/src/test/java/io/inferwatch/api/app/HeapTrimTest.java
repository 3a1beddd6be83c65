package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HeapTrimTest {
    private static final long MIB = 1 << 20;

    private long committedBytes = 28 * MIB;
    private long inUseBytes = 24 * MIB;
    private long nowNanos;
    private Duration pause = Duration.ZERO;
    private int collections;
    private boolean isRelaying;
    private final HeapTrim trim = new HeapTrim(() -> committedBytes, this::collect, () -> isRelaying, () -> nowNanos);

    private void collect() {
        collections++;
        nowNanos += pause.toNanos();
        committedBytes = inUseBytes;
    }

    private void stepAfter(Duration time) {
        nowNanos += time.toNanos();
        trim.step();
    }

    @Test
    void aHeapThatGrewByAQuarterIsCollected_andOnceIsEnough() {
        stepAfter(Duration.ofMinutes(5));
        assertThat(collections).isZero();

        committedBytes = 35 * MIB;
        stepAfter(Duration.ofMinutes(5));
        assertThat(collections).isEqualTo(1);

        stepAfter(Duration.ofMinutes(5));
        assertThat(collections).isEqualTo(1);
    }

    @Test
    void aHeapThatGrewALittleIsLeftAlone() {
        committedBytes = 34 * MIB;
        stepAfter(Duration.ofMinutes(5));
        assertThat(collections)
                .describedAs("6 MiB are less than a quarter of 28")
                .isZero();

        inUseBytes = 12 * MIB;
        committedBytes = 40 * MIB;
        stepAfter(Duration.ofMinutes(5));
        committedBytes = 17 * MIB;
        stepAfter(Duration.ofMinutes(5));
        assertThat(collections)
                .describedAs("5 MiB are little, though more than a quarter of 12")
                .isEqualTo(1);
    }

    @Test
    void growthWithoutEndIsCollectedOnceAMinute() {
        for (int seconds = 10; seconds <= 600; seconds += 10) {
            committedBytes += 20 * MIB;
            stepAfter(Duration.ofSeconds(10));
        }
        assertThat(collections).isEqualTo(10);
    }

    @Test
    void growthIsCountedFromTheSmallestTheHeapHasBeen() {
        committedBytes = 16 * MIB;
        stepAfter(Duration.ofMinutes(2));
        committedBytes = 22 * MIB;
        stepAfter(Duration.ofMinutes(2));
        assertThat(collections).isEqualTo(1);
    }

    @Test
    void pausesAreAThousandthOfTheTime_howeverFastTheHeapGrows() {
        pause = Duration.ofMillis(600);
        for (int seconds = 10; seconds <= 1_800; seconds += 10) {
            committedBytes += 20 * MIB;
            stepAfter(Duration.ofSeconds(10));
        }
        assertThat(collections).isEqualTo(3);
    }

    /** Of 60 ms each, one every ten minutes, the first of them too. */
    @Test
    void pausesAreATenThousandthOfTheTime_whileStreamsAreRelayed() {
        pause = Duration.ofMillis(60);
        isRelaying = true;
        for (int seconds = 10; seconds < 600; seconds += 10) {
            committedBytes += 20 * MIB;
            stepAfter(Duration.ofSeconds(10));
        }
        assertThat(collections).isZero();
        for (int seconds = 600; seconds <= 1_830; seconds += 10) {
            committedBytes += 20 * MIB;
            stepAfter(Duration.ofSeconds(10));
        }
        assertThat(collections).isEqualTo(3);

        isRelaying = false;
        stepAfter(Duration.ofMinutes(1));
        assertThat(collections).isEqualTo(4);
    }
}
