package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The bucketed observations of one window. They are the truth that is kept: what follows from them is answered as a
 * {@link Bracket}, and nothing narrower. Buckets of different bounds stand side by side as parts of their own. All
 * values are in the steps of the metric's unit. Immutable; at least one observation.
 */
final class Brackets {
    /** Past so many sets of bounds in one window the last two are read over the bounds they share. */
    private static final int MOST_PARTS = 8;
    /** A server's running sum is a double that was added to once an observation: it is not believed beyond this. */
    private static final double SUM_SLACK = 1e-6;

    private final List<BracketPart> parts;
    private final long count;

    Brackets(List<BracketPart> parts) {
        this.parts = List.copyOf(parts);
        this.count = parts.stream().mapToLong(BracketPart::count).reduce(0, Math::addExact);
    }

    static Brackets of(Buckets buckets) {
        return new Brackets(List.of(BracketPart.of(buckets)));
    }

    /** So many observations of one value, as narrow a bracket as there is. */
    static Brackets exactly(long scaled, long count) {
        Tally alone = new Tally();
        alone.record(Math.max(0, scaled), count, 0, null);
        return ofCells(alone.toWindowData());
    }

    static Brackets ofCells(WindowData data) {
        return new Brackets(List.of(BracketPart.ofCells(data)));
    }

    /** Exact where the bounds are equal; else the parts stay apart. */
    Brackets plus(Brackets other) {
        List<BracketPart> all = new ArrayList<>(parts);
        for (BracketPart part : other.parts) {
            add(all, part);
        }
        return new Brackets(all);
    }

    private static void add(List<BracketPart> all, BracketPart part) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).fits(part)) {
                all.set(i, all.get(i).plus(part));
                return;
            }
        }
        if (all.size() < MOST_PARTS) {
            all.add(part);
        } else {
            all.add(all.removeLast().coarsened(part));
        }
    }

    List<BracketPart> parts() {
        return parts;
    }

    long count() {
        return count;
    }

    /** A name for the bounds: equal for equal ones. {@code mixed} where there are several sets. */
    String schema() {
        if (parts.size() > 1) {
            return "mixed";
        }
        double[] bounds = parts.getFirst().bounds();
        CRC32 crc = new CRC32();
        for (double bound : bounds) {
            long bits = Double.doubleToRawLongBits(bound);
            for (int i = 0; i < Double.BYTES; i++) {
                crc.update((int) (bits >>> (8 * i)) & 0xFF);
            }
        }
        return "%d-%08x".formatted(bounds.length, crc.getValue());
    }

    /** Of all observations: exact where the servers say their sums. */
    Bracket sum() {
        double known = 0;
        double lo = 0;
        double hi = 0;
        for (BracketPart part : parts) {
            known += part.sum();
            double least = 0;
            double most = 0;
            for (int i = 0; i < part.counts().length; i++) {
                least += part.counts()[i] * part.lower(i);
                most += part.counts()[i] == 0 ? 0 : part.counts()[i] * part.upper(i);
            }
            lo += Double.isNaN(part.sum()) ? least : part.sum();
            hi += Double.isNaN(part.sum()) ? most : part.sum();
        }
        return Double.isNaN(known)
                ? Bracket.of(lo, Double.isInfinite(hi) ? lo : (lo + hi) / 2, hi)
                : Bracket.exact(known);
    }

    Bracket mean() {
        return sum().times(1.0 / count);
    }

    /** @param p 0–100; 0 is the minimum */
    Bracket percentile(BigDecimal p) {
        long rank = p.multiply(BigDecimal.valueOf(count))
                .movePointLeft(2)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
        return atRank(Math.clamp(rank, 1, count));
    }

    Bracket min() {
        return atRank(1);
    }

    Bracket max() {
        return atRank(count);
    }

    /** The observation of this rank, from 1. */
    private Bracket atRank(long rank) {
        return parts.size() == 1 ? new BracketRank(parts.getFirst(), SUM_SLACK).at(rank) : amongParts(rank);
    }

    /** Every observation at its lower bound gives the lowest the rank can be, every one at its upper the highest. */
    private Bracket amongParts(long rank) {
        record Placed(double value, long count) {}
        List<Placed> lows = new ArrayList<>();
        List<Placed> highs = new ArrayList<>();
        List<Placed> guesses = new ArrayList<>();
        for (BracketPart part : parts) {
            double[] guess = new BracketRank(part, SUM_SLACK).representatives();
            for (int i = 0; i < part.counts().length; i++) {
                if (part.counts()[i] > 0) {
                    lows.add(new Placed(part.lower(i), part.counts()[i]));
                    highs.add(new Placed(part.upper(i), part.counts()[i]));
                    guesses.add(new Placed(guess[i], part.counts()[i]));
                }
            }
        }
        double[] found = new double[3];
        int next = 0;
        for (List<Placed> placed : List.of(lows, guesses, highs)) {
            placed.sort((a, b) -> Double.compare(a.value, b.value));
            long seen = 0;
            for (Placed each : placed) {
                seen += each.count;
                if (seen >= rank) {
                    found[next++] = each.value;
                    break;
                }
            }
        }
        return Bracket.of(found[0], found[1], found[2]);
    }

    /** How many lie above the limit; exact where the limit is a bound. */
    Bracket countAbove(double limit) {
        double lo = 0;
        double estimate = 0;
        double hi = 0;
        for (BracketPart part : parts) {
            for (int i = 0; i < part.counts().length; i++) {
                long each = part.counts()[i];
                if (part.lower(i) >= limit && !(i == 0 && limit == 0)) {
                    lo += each;
                    estimate += each;
                    hi += each;
                } else if (part.upper(i) > limit && each > 0) {
                    hi += each;
                    double width = part.upper(i) - part.lower(i);
                    estimate += each * (Double.isInfinite(width) ? 0.5 : (part.upper(i) - limit) / width);
                }
            }
        }
        return Bracket.of(lo, estimate, hi);
    }

    /** How many are not above the limit: where bounds are inclusive, that is the most that can be told of "below". */
    Bracket countUpTo(double limit) {
        Bracket above = countAbove(limit);
        return new Bracket(count - above.hi(), count - above.estimate(), count - above.lo());
    }

    /** The deviation from the mean, which is known where the sums are: each observation as near to it and as far as can be. */
    Bracket stddev() {
        Bracket mean = mean();
        double near = 0;
        double far = 0;
        double guessed = 0;
        for (BracketPart part : parts) {
            double[] guess = new BracketRank(part, SUM_SLACK).representatives();
            for (int i = 0; i < part.counts().length; i++) {
                long each = part.counts()[i];
                if (each > 0) {
                    double least = Math.max(0, Math.max(part.lower(i) - mean.hi(), mean.lo() - part.upper(i)));
                    double most = Math.max(mean.hi() - part.lower(i), part.upper(i) - mean.lo());
                    near += each * least * least;
                    far += each * most * most;
                    guessed += each * (guess[i] - mean.estimate()) * (guess[i] - mean.estimate());
                }
            }
        }
        return Bracket.of(Math.sqrt(near / count), Math.sqrt(guessed / count), Math.sqrt(far / count));
    }

    /** About what this takes of the heap. */
    int heapBytes() {
        int bytes = 48;
        for (BracketPart part : parts) {
            bytes += 80 + 16 * part.counts().length;
        }
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Brackets that && parts.equals(that.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }

    @Override
    public String toString() {
        return "Brackets" + Arrays.toString(parts.toArray());
    }
}
