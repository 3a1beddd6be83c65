package io.inferwatch.histograms;

/**
 * Where the observation of a rank can lie, given the counts of all buckets and, where it is known, the sum of all
 * observations. The bucket alone bounds it; the sum bounds it further: were the observation larger, those above it in its
 * bucket would be too, and all others, at least as large as their buckets allow, would come to more than the sum.
 */
final class BracketRank {
    private final BracketPart part;
    private final double sumLo;
    private final double sumHi;

    /** @param sumSlack the relative error the sum may have */
    BracketRank(BracketPart part, double sumSlack) {
        this.part = part;
        boolean isKnown = !Double.isNaN(part.sum());
        this.sumLo = isKnown ? part.sum() * (1 - sumSlack) : Double.NEGATIVE_INFINITY;
        this.sumHi = isKnown ? part.sum() * (1 + sumSlack) : Double.POSITIVE_INFINITY;
    }

    Bracket at(long rank) {
        int bucket = 0;
        long before = 0;
        while (before + part.counts()[bucket] < rank) {
            before += part.counts()[bucket++];
        }
        long inBucket = rank - before;
        long all = part.counts()[bucket];
        double l = part.lower(bucket);
        double u = part.upper(bucket);
        double lo = l;
        double hi = u;
        double most = highestSumOf(bucket);
        double least = lowestSumOf(bucket);
        if (u < Double.POSITIVE_INFINITY) {
            double highest = (most - (inBucket - 1) * l) / (all - inBucket + 1);
            double lowest = (least - (all - inBucket) * u) / inBucket;
            // A sum that contradicts its own buckets, as two processes writing one page may give, narrows nothing.
            if (highest >= l && lowest <= u) {
                hi = Math.min(u, highest);
                lo = Math.max(l, lowest);
            }
        } else if (inBucket == all) {
            lo = Math.max(l, least / all);
        }
        return Bracket.of(Math.min(lo, hi), representative(bucket), Math.max(lo, hi));
    }

    /** One value for each bucket, which stands for its observations where one value is wanted. */
    double[] representatives() {
        double[] values = new double[part.counts().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = representative(i);
        }
        return values;
    }

    /** The middle on a logarithmic scale; of a bucket that holds most of all, the middle of what its mean can be. */
    private double representative(int bucket) {
        double l = part.lower(bucket);
        double u = part.upper(bucket);
        long own = part.counts()[bucket];
        double lowestMean = own == 0 ? l : Math.max(l, lowestSumOf(bucket) / own);
        if (u == Double.POSITIVE_INFINITY) {
            return lowestMean;
        }
        if (own * 2 > part.count()) {
            double highestMean = Math.min(u, highestSumOf(bucket) / own);
            if (lowestMean <= highestMean) {
                return (lowestMean + highestMean) / 2;
            }
        }
        return l == 0 ? u / 2 : Math.sqrt(l * u);
    }

    /** The least the observations of one bucket can come to: the sum, less all others at their largest. */
    private double lowestSumOf(int bucket) {
        double others = 0;
        for (int i = 0; i < part.counts().length; i++) {
            others += i == bucket || part.counts()[i] == 0 ? 0 : part.counts()[i] * part.upper(i);
        }
        return Math.max(part.counts()[bucket] * part.lower(bucket), sumLo - others);
    }

    private double highestSumOf(int bucket) {
        double others = 0;
        for (int i = 0; i < part.counts().length; i++) {
            others += i == bucket ? 0 : part.counts()[i] * part.lower(i);
        }
        long own = part.counts()[bucket];
        return own == 0 ? 0 : Math.min(own * part.upper(bucket), sumHi - others);
    }
}
