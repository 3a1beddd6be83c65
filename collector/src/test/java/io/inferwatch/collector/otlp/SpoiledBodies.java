package io.inferwatch.collector.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.BiFunction;

/** What must hold for any body: cut it is refused, and with a wrong byte in it it is refused or taken, never more. */
final class SpoiledBodies {
    private static final int SPOILED = 5_000;

    private SpoiledBodies() {}

    static void areRefused(byte[] whole, OtlpFormat format, BiFunction<byte[], OtlpFormat, OtlpOutcome> take) {
        for (int cut = 1; cut < whole.length; cut++) {
            assertThat(take.apply(Arrays.copyOf(whole, cut), format))
                    .as("cut at %d", cut)
                    .isInstanceOf(OtlpOutcome.Malformed.class);
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < SPOILED; i++) {
            byte[] spoiled = whole.clone();
            spoiled[random.nextInt(spoiled.length)] = (byte) random.nextInt(256);
            assertThat(take.apply(spoiled, format))
                    .as("seed %d", seed)
                    .isInstanceOfAny(OtlpOutcome.Malformed.class, OtlpOutcome.Accepted.class);
        }
    }
}
