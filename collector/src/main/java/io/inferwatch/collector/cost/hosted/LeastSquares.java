package io.inferwatch.collector.cost.hosted;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A linear fit without an intercept, over those columns for which no coefficient falls below 0. Few columns: every choice of
 * them is tried, the best that is allowed wins, which is what non-negative least squares finds.
 */
final class LeastSquares {
    private final int[] active;
    private final double[] coefficients;
    private final double[] errors;
    private final double residual;
    private final double rSquared;
    private final double condition;

    private LeastSquares(
            int[] active, double[] coefficients, double[] errors, double residual, double rSquared, double condition) {
        this.active = active;
        this.coefficients = coefficients;
        this.errors = errors;
        this.residual = residual;
        this.rSquared = rSquared;
        this.condition = condition;
    }

    /** @param rows each the values of the columns, then what they are to explain; more rows than columns */
    static LeastSquares nonNegative(List<double[]> rows) {
        int columns = rows.getFirst().length - 1;
        return IntStream.range(1, 1 << columns)
                .mapToObj(choice -> IntStream.range(0, columns)
                        .filter(column -> (choice >> column & 1) == 1)
                        .toArray())
                .flatMap(choice -> fit(rows, choice).stream())
                .filter(LeastSquares::isNonNegative)
                .min(LeastSquares::compareResiduals)
                .orElseGet(() -> new LeastSquares(new int[0], new double[columns], new double[columns], 0, 0, 1));
    }

    /** Where two explain as much, that with fewer columns. */
    private static int compareResiduals(LeastSquares one, LeastSquares other) {
        int byResidual = Double.compare(one.residual, other.residual);
        return byResidual != 0 ? byResidual : Integer.compare(one.active.length, other.active.length);
    }

    private boolean isNonNegative() {
        return IntStream.of(active).allMatch(column -> coefficients[column] >= 0);
    }

    double coefficient(int column) {
        return coefficients[column];
    }

    double standardError(int column) {
        return errors[column];
    }

    /** Of the variation about the mean. */
    double rSquared() {
        return rSquared;
    }

    /** Ratio of the largest to the smallest singular value, of the columns that are used, each scaled to length 1. */
    double condition() {
        return condition;
    }

    /** Empty where a column is 0 throughout, or the same as others. */
    private static Optional<LeastSquares> fit(List<double[]> rows, int[] active) {
        Columns columns = Columns.of(rows, active);
        return columns.terms().map(terms -> {
            int width = rows.getFirst().length - 1;
            double[] coefficients = new double[width];
            double[] errors = new double[width];
            for (int i = 0; i < active.length; i++) {
                coefficients[active[i]] = terms.get(i).coefficient();
            }
            double residual = residual(rows, coefficients);
            double variance = residual / Math.max(1, rows.size() - active.length);
            for (int i = 0; i < active.length; i++) {
                errors[active[i]] = Math.sqrt(variance * terms.get(i).inverseGram());
            }
            double variation = variation(rows);
            double rSquared = variation > 0 ? 1 - residual / variation : 0;
            return new LeastSquares(active, coefficients, errors, residual, rSquared, columns.condition());
        });
    }

    private static double residual(List<double[]> rows, double[] coefficients) {
        double sum = 0;
        for (double[] row : rows) {
            double off = row[row.length - 1];
            for (int column = 0; column < coefficients.length; column++) {
                off -= coefficients[column] * row[column];
            }
            sum += off * off;
        }
        return sum;
    }

    private static double variation(List<double[]> rows) {
        double mean =
                rows.stream().mapToDouble(row -> row[row.length - 1]).average().orElse(0);
        double sum = 0;
        for (double[] row : rows) {
            double off = row[row.length - 1] - mean;
            sum += off * off;
        }
        return sum;
    }
}
