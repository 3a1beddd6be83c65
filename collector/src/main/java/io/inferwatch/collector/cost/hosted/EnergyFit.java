package io.inferwatch.collector.cost.hosted;

import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/**
 * What a token needs, out of how the meter moved with the traffic: {@code J = idle·T + in·uncached + out·output} over
 * windows, by least squares, no coefficient below 0.
 */
public sealed interface EnergyFit {
    /** Twice the coefficients: fewer windows fit anything. */
    int LEAST_WINDOWS = 6;
    /** Below it the traffic does not explain the meter. */
    double LEAST_R_SQUARED = 0.7;
    /**
     * Above it the columns say the same, and who needed what cannot be told apart (Belsley, Kuh and Welsch, Regression
     * Diagnostics, 1980: from 30 on, of columns scaled to length 1).
     */
    double MOST_CONDITION = 30;

    /** One window: how long, what was served, what the meter counted. */
    record Window(double seconds, long uncached, long output, double joules) {}

    /**
     * @param idleWatts drawn without traffic
     * @param joulesPerUncached a prompt token that had to be computed
     * @param joulesPerOutput a generated token
     */
    record Coefficients(double idleWatts, double joulesPerUncached, double joulesPerOutput) {
        /** Cached tokens are taken as needing nothing: reading them is in what the others need. */
        double joules(TokenCount tokens) {
            return joulesPerUncached * tokens.uncached() + joulesPerOutput * tokens.output();
        }
    }

    /**
     * @param standardErrors of the coefficients; 0 for one that was held at 0
     * @param rSquared the share of the meter's variation that the traffic explains, 0–1
     * @param condition of the columns scaled to length 1; 1 is best
     */
    record Fitted(
            Coefficients coefficients, Coefficients standardErrors, double rSquared, double condition, int windows)
            implements EnergyFit {}

    /** @param reason in an operator's words */
    record Refused(String reason) implements EnergyFit {}

    /** @param windows of any length; the open one left out */
    static EnergyFit of(List<Window> windows) {
        if (windows.size() < LEAST_WINDOWS) {
            return new Refused(windows.size() + " windows with a reading of the energy meter; " + LEAST_WINDOWS
                    + " are the least a fit rests on");
        }
        LeastSquares squares = LeastSquares.nonNegative(windows.stream()
                .map(window -> new double[] {window.seconds(), window.uncached(), window.output(), window.joules()})
                .toList());
        if (squares.coefficient(1) == 0 && squares.coefficient(2) == 0) {
            return new Refused("the energy meter does not rise with the tokens served");
        }
        if (squares.condition() > MOST_CONDITION) {
            return new Refused(String.format(
                    Locale.ROOT,
                    "prompt tokens, output tokens and time rise together (condition %.0f, at most %.0f): traffic must vary"
                            + " before it can be told which of them needs what",
                    squares.condition(),
                    MOST_CONDITION));
        }
        if (!(squares.rSquared() >= LEAST_R_SQUARED)) {
            return new Refused(String.format(
                    Locale.ROOT,
                    "tokens explain %.0f %% of how the energy meter moved, less than %.0f %%: something else uses these GPUs",
                    100 * squares.rSquared(),
                    100 * LEAST_R_SQUARED));
        }
        return new Fitted(
                coefficients(squares::coefficient),
                coefficients(squares::standardError),
                squares.rSquared(),
                squares.condition(),
                windows.size());
    }

    private static Coefficients coefficients(IntToDoubleFunction of) {
        return new Coefficients(of.applyAsDouble(0), of.applyAsDouble(1), of.applyAsDouble(2));
    }
}
