package io.inferwatch.collector.cost.hosted;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Some columns of a fit, each scaled to length 1, with what they are to explain. */
final class Columns {
    /** A column that is this much like the others adds nothing but noise. */
    private static final double SAME = 1e-10;
    /** More turns than a matrix this small ever needs; each doubles the digits. */
    private static final int TURNS = 50;

    private final double[][] unit;
    private final double[] lengths;
    private final double[] target;

    private Columns(double[][] unit, double[] lengths, double[] target) {
        this.unit = unit;
        this.lengths = lengths;
        this.target = target;
    }

    /**
     * What one column came to.
     *
     * @param inverseGram its place on the diagonal of {@code (XᵀX)⁻¹}: times the variance it is that of the coefficient
     */
    record Term(double coefficient, double inverseGram) {}

    static Columns of(List<double[]> rows, int[] active) {
        double[][] unit = new double[active.length][rows.size()];
        double[] lengths = new double[active.length];
        double[] target = rows.stream().mapToDouble(row -> row[row.length - 1]).toArray();
        for (int i = 0; i < active.length; i++) {
            for (int row = 0; row < rows.size(); row++) {
                unit[i][row] = rows.get(row)[active[i]];
            }
            lengths[i] = Math.sqrt(dot(unit[i], unit[i]));
            scale(unit[i], lengths[i] > 0 ? 1 / lengths[i] : 0);
        }
        return new Columns(unit, lengths, target);
    }

    /** Gram and Schmidt's way, each column twice, which keeps all digits. Empty where columns are 0 or the same. */
    Optional<List<Term>> terms() {
        int n = unit.length;
        double[][] q = new double[n][];
        double[][] r = new double[n][n];
        for (int i = 0; i < n; i++) {
            q[i] = unit[i].clone();
            for (int pass = 0; pass < 2; pass++) {
                for (int before = 0; before < i; before++) {
                    double along = dot(q[before], q[i]);
                    r[before][i] += along;
                    subtract(q[i], q[before], along);
                }
            }
            r[i][i] = Math.sqrt(dot(q[i], q[i]));
            if (!(r[i][i] > SAME)) {
                return Optional.empty();
            }
            scale(q[i], 1 / r[i][i]);
        }
        return Optional.of(solved(q, r));
    }

    private List<Term> solved(double[][] q, double[][] r) {
        double[] rest = target.clone();
        double[] along = new double[q.length];
        for (int i = 0; i < q.length; i++) {
            along[i] = dot(q[i], rest);
            subtract(rest, q[i], along[i]);
        }
        double[] scaled = backSubstituted(r, along);
        double[] inverseGram = inverseGramDiagonal(r);
        return IntStream.range(0, q.length)
                .mapToObj(i -> new Term(scaled[i] / lengths[i], inverseGram[i]))
                .toList();
    }

    private double[] inverseGramDiagonal(double[][] r) {
        int n = r.length;
        double[] diagonal = new double[n];
        for (int i = 0; i < n; i++) {
            double[] one = new double[n];
            one[i] = 1;
            double[] column = backSubstituted(r, one);
            for (int row = 0; row < n; row++) {
                diagonal[row] += column[row] * column[row] / (lengths[row] * lengths[row]);
            }
        }
        return diagonal;
    }

    private static double[] backSubstituted(double[][] r, double[] right) {
        double[] solution = right.clone();
        for (int i = r.length - 1; i >= 0; i--) {
            for (int after = i + 1; after < r.length; after++) {
                solution[i] -= r[i][after] * solution[after];
            }
            solution[i] /= r[i][i];
        }
        return solution;
    }

    /** By Jacobi's rotations of the columns until they are at right angles: then their lengths are the singular values. */
    double condition() {
        double[][] turned = new double[unit.length][];
        for (int i = 0; i < unit.length; i++) {
            turned[i] = unit[i].clone();
        }
        boolean isTurning = true;
        for (int turn = 0; turn < TURNS && isTurning; turn++) {
            isTurning = false;
            for (int i = 0; i < turned.length; i++) {
                for (int j = i + 1; j < turned.length; j++) {
                    isTurning |= rotate(turned[i], turned[j]);
                }
            }
        }
        double longest = 0;
        double shortest = Double.POSITIVE_INFINITY;
        for (double[] column : turned) {
            double length = Math.sqrt(dot(column, column));
            longest = Math.max(longest, length);
            shortest = Math.min(shortest, length);
        }
        return longest / shortest;
    }

    private static boolean rotate(double[] one, double[] other) {
        double a = dot(one, one);
        double b = dot(other, other);
        double c = dot(one, other);
        if (Math.abs(c) <= 1e-15 * Math.sqrt(a * b)) {
            return false;
        }
        double zeta = (b - a) / (2 * c);
        double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        double cos = 1 / Math.sqrt(1 + t * t);
        double sin = cos * t;
        for (int i = 0; i < one.length; i++) {
            double kept = one[i];
            one[i] = cos * kept - sin * other[i];
            other[i] = sin * kept + cos * other[i];
        }
        return true;
    }

    private static double dot(double[] one, double[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += one[i] * other[i];
        }
        return sum;
    }

    private static void scale(double[] column, double factor) {
        for (int i = 0; i < column.length; i++) {
            column[i] *= factor;
        }
    }

    private static void subtract(double[] from, double[] column, double times) {
        for (int i = 0; i < from.length; i++) {
            from[i] -= times * column[i];
        }
    }
}
