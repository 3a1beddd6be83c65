package io.inferwatch.histograms;

import java.util.Random;

/** Shapes of samples, in integer steps. */
enum Distributions {
    LOGNORMAL,
    BIMODAL,
    HEAVY_TAIL,
    CONSTANT,
    TINY,
    SIGNED,
    HUGE;

    long next(Random random) {
        return switch (this) {
            case LOGNORMAL -> (long) (150_000 * Math.exp(random.nextGaussian() * 0.8));
            case BIMODAL ->
                random.nextInt(10) < 8
                        ? 40_000 + (long) (random.nextGaussian() * 3_000)
                        : 2_000_000 + (long) (random.nextGaussian() * 90_000);
            case HEAVY_TAIL -> (long) Math.min(3.6e9, 1_000 / Math.pow(1 - random.nextDouble(), 1.5));
            case CONSTANT -> 400_200;
            case TINY -> random.nextInt(12);
            case SIGNED -> (long) (random.nextGaussian() * 50_000);
            case HUGE -> 1L + (long) (random.nextDouble() * (Cells.HIGHEST_SCALED - 2_048));
        };
    }

    long[] samples(Random random, int count) {
        long[] samples = new long[count];
        for (int i = 0; i < count; i++) {
            samples[i] = next(random);
        }
        return samples;
    }
}
