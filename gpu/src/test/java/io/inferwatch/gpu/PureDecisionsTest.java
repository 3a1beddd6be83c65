package io.inferwatch.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is decided without a driver, a thread or a clock. */
class PureDecisionsTest {

    private static Reading<String> reading(int code) {
        return NvmlCode.reading(code, () -> "answer");
    }

    private static Standing standing(Reading<?>... readings) {
        GpuField field = new GpuField("gpu.power", "W");
        return Standing.of(Stream.of(readings)
                .map(reading -> new FieldReading(field, Optional.empty(), reading.map(any -> Samples.of(1))))
                .toList());
    }

    @Test
    void answerIsReadOnlyOnSuccess_becauseNvmlLeavesJunkOtherwise() {
        assertThat(reading(0)).isEqualTo(new Reading.Value<>("answer"));
        assertThat(NvmlCode.<String>reading(15, () -> {
                    throw new AssertionError("read on an error");
                }))
                .isEqualTo(new Reading.Failed<String>(15));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 13, 25, 26})
    void codeIsUnsupported_whenTheDriverCannotAnswer(int code) {
        assertThat(reading(code)).isEqualTo(new Reading.Unsupported<String>());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 17})
    void codeIsNoPermission_whenTheDriverWillNotAnswerUs(int code) {
        assertThat(reading(code)).isEqualTo(new Reading.NoPermission<String>());
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 21, 23, 27})
    void codeIsStale_whenItPasses(int code) {
        assertThat(reading(code)).isEqualTo(new Reading.Stale<String>());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 15, 999, 31_000})
    void codeIsCarried_whenItIsAnyOther(int code) {
        assertThat(reading(code)).isEqualTo(new Reading.Failed<String>(code));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 11, 14, 15, 16})
    void gpuIsLost_whenOneAnswerSaysSo(int code) {
        assertThat(standing(reading(0), reading(code), reading(0))).isEqualTo(new Standing.Lost(code));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 12, 18})
    void driverIsGone_whenOneAnswerSaysSo(int code) {
        assertThat(standing(reading(0), reading(code))).isEqualTo(new Standing.DriverGone(code));
    }

    @Test
    void unknownErrorIsALoss_onlyWhenNothingElseIsAnswered() {
        assertThat(standing(reading(999), reading(3), reading(999))).isEqualTo(new Standing.Lost(999));
        assertThat(standing(reading(999), reading(0)))
                .isEqualTo(new Standing.Answering(Optional.of("gpu.power: NVML 999 UNKNOWN")));
    }

    @Test
    void refusalIsNoLoss_whenEverythingIsRefusedOrUnsupported() {
        assertThat(standing(reading(4), reading(3))).isEqualTo(new Standing.Forbidden());
    }

    @Test
    void gpuAnswers_whenItOnlyLacksFields() {
        assertThat(standing(reading(3), reading(3))).isEqualTo(new Standing.Answering(Optional.empty()));
    }

    @Test
    void pauseDoublesUpToItsLongest_whileTriesFail() {
        Backoff backoff = new Backoff(Duration.ofNanos(10), Duration.ofNanos(35));
        assertThat(backoff.isDue(0)).isTrue();

        backoff.tried(0);
        assertThat(List.of(backoff.isDue(9), backoff.isDue(10))).containsExactly(false, true);
        backoff.tried(10);
        assertThat(List.of(backoff.isDue(29), backoff.isDue(30))).containsExactly(false, true);
        backoff.tried(30);
        assertThat(List.of(backoff.isDue(64), backoff.isDue(65))).containsExactly(false, true);
        backoff.succeeded();
        assertThat(backoff.isDue(30)).isTrue();
    }

    @Test
    void beatFallsOnMultiplesOfTheInterval_ofTheUtcClock() {
        assertThat(Beat.millisToNext(1_700_000_000_250L, 1_700_000_000_300L, 1000))
                .isEqualTo(700);
        assertThat(Beat.millisToNext(1_700_000_000_000L, 1_700_000_001_000L, 1000))
                .isZero();
        assertThat(Beat.millisToNext(1_700_000_000_000L, 1_700_000_009_500L, 1000))
                .isZero();
    }

    @Test
    void beatIsNotGivenTwice_whenTheTimerEndsEarlyByTheWallClock() {
        assertThat(Beat.millisToNext(1_700_000_000_000L, 1_700_000_000_999L, 1000))
                .isEqualTo(1);
    }

    @Test
    void beatComesWithinAnInterval_whenTheClockIsSetBack() {
        assertThat(Beat.millisToNext(1_700_000_000_000L, 1_600_000_000_000L, 1000))
                .isEqualTo(1000);
    }

    @Test
    void everyFieldHasAMetricOfItsOwn_always() {
        assertThat(GpuFields.all())
                .extracting(GpuField::metric)
                .doesNotHaveDuplicates()
                .startsWith("gpu.up");
    }

    @Test
    void configurationIsRefusedWithItsKey_whenOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GpuConfig(
                        GpuConfig.Enabled.AUTO,
                        "",
                        Duration.ofMillis(10),
                        Duration.ofSeconds(5),
                        new GpuConfig.Expected.Auto()))
                .withMessage("gpu.interval: 10 ms is not between 100 ms and 60000 ms");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GpuConfig.Expected.Uuids(List.of("0")))
                .withMessageContaining("gpu.expected: \"0\" is not a GPU's UUID");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuConfig.Enabled.parse("yes"))
                .withMessage("gpu.enabled: \"yes\" is none of auto, true, false");
    }
}
