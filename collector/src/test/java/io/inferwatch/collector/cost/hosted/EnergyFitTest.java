package io.inferwatch.collector.cost.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EnergyFitTest {
    private static EnergyFit.Window minute(long uncached, long output, double joules) {
        return new EnergyFit.Window(60, uncached, output, joules);
    }

    private static EnergyFit.Fitted fitted(List<EnergyFit.Window> windows) {
        EnergyFit fit = EnergyFit.of(windows);
        assertThat(fit).isInstanceOf(EnergyFit.Fitted.class);
        return (EnergyFit.Fitted) fit;
    }

    private static String refusal(List<EnergyFit.Window> windows) {
        EnergyFit fit = EnergyFit.of(windows);
        assertThat(fit).isInstanceOf(EnergyFit.Refused.class);
        return ((EnergyFit.Refused) fit).reason();
    }

    /** Figures of an ordinary least squares worked out with 50 digits. */
    @Test
    void sixMinutesOfMixedTraffic_fitAsWorkedOut() {
        EnergyFit.Fitted fit = fitted(List.of(
                minute(900_000, 6_000, 31_200),
                minute(200_000, 20_000, 33_100),
                minute(0, 0, 18_000),
                minute(500_000, 500, 24_900),
                minute(50_000, 30_000, 37_900),
                minute(1_200_000, 12_000, 39_800)));
        assertThat(fit.coefficients().idleWatts()).isCloseTo(303.1610745829262, within(1e-9));
        assertThat(fit.coefficients().joulesPerUncached()).isCloseTo(0.011291725606035391, within(1e-12));
        assertThat(fit.coefficients().joulesPerOutput()).isCloseTo(0.6362130682181856, within(1e-12));
        assertThat(fit.rSquared()).isCloseTo(0.9948647144100377, within(1e-9));
        assertThat(fit.condition()).isBetween(1.0, 5.0);
        assertThat(fit.standardErrors().joulesPerOutput()).isBetween(0.01, 0.1);
    }

    @Test
    void whatMadeTheMeterMove_isFoundThroughNoise() {
        long seed = 20_260_105;
        Random random = new Random(seed);
        List<EnergyFit.Window> windows = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            long in = random.nextInt(2_000_000);
            long out = random.nextInt(60_000);
            windows.add(minute(in, out, 60 * 280 + 0.004 * in + 0.5 * out + 400 * random.nextGaussian()));
        }
        EnergyFit.Fitted fit = fitted(windows);
        EnergyFit.Coefficients error = fit.standardErrors();
        assertThat(fit.coefficients().idleWatts()).as("seed %d", seed).isCloseTo(280, within(4 * error.idleWatts()));
        assertThat(fit.coefficients().joulesPerUncached()).isCloseTo(0.004, within(4 * error.joulesPerUncached()));
        assertThat(fit.coefficients().joulesPerOutput()).isCloseTo(0.5, within(4 * error.joulesPerOutput()));
        assertThat(error.joulesPerOutput()).isLessThan(0.01);
    }

    @Test
    void coefficientThatWouldFallBelowZero_isHeldThereAndTheRestFittedAnew() {
        List<EnergyFit.Window> windows = IntStream.range(0, 12)
                .mapToObj(i -> minute((i * 7 % 12) * 1_000L, i * 100L, 6_000 + 50.0 * i - 0.01 * (i * 7 % 12)))
                .toList();
        EnergyFit.Fitted fit = fitted(windows);
        assertThat(fit.coefficients().joulesPerUncached()).isZero();
        assertThat(fit.standardErrors().joulesPerUncached()).isZero();
        assertThat(fit.coefficients().joulesPerOutput()).isCloseTo(0.5, within(1e-4));
    }

    @Test
    void serverWithoutPrompts_isFittedOnWhatItHas() {
        List<EnergyFit.Window> windows = IntStream.range(0, 10)
                .mapToObj(i -> minute(0, 500L * i, 9_000 + 300.0 * i))
                .toList();
        assertThat(fitted(windows).coefficients().joulesPerOutput()).isCloseTo(0.6, within(1e-9));
    }

    @Test
    void inputAndOutputInOneProportion_cannotBeToldApart() {
        List<EnergyFit.Window> windows = IntStream.range(0, 40)
                .mapToObj(i -> minute(8_000L * i + (i % 3), 1_000L * i + (i % 5), 18_000 + 700.0 * i + (i % 7)))
                .toList();
        assertThat(refusal(windows)).contains("rise together").contains("traffic must vary");
    }

    @Test
    void meterMovedByOthers_isRefused() {
        Random random = new Random(4);
        List<EnergyFit.Window> windows = IntStream.range(0, 60)
                .mapToObj(i -> minute(
                        random.nextInt(1_000_000), random.nextInt(30_000), 20_000 + 20_000 * random.nextDouble()))
                .toList();
        assertThat(refusal(windows)).contains("something else uses these GPUs");
    }

    @Test
    void tooFewWindows_orNoneThatDiffer_areRefused() {
        assertThat(refusal(List.of(minute(1, 1, 1)))).startsWith("1 windows").contains("6 are the least");
        assertThat(refusal(IntStream.range(0, 9)
                        .mapToObj(i -> minute(0, 0, 18_000))
                        .toList()))
                .contains("does not rise with the tokens");
    }
}
