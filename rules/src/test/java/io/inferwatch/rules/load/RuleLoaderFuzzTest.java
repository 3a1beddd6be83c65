package io.inferwatch.rules.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.testing.RuleTexts;
import io.inferwatch.rules.yaml.Problem;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Random damage to the pack's own text: never a crash, no load that allocates more than 64 MB, and every rejection says
 * where. 400 rounds, or for as long as {@code -Dfuzz.seconds} says.
 */
class RuleLoaderFuzzTest {
    private static final String TEXT = RuleLoader.builtin().text();
    private static final com.sun.management.ThreadMXBean HEAP =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final List<String> BITS = List.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\n",
            "  ",
            "- ",
            "\"",
            "'",
            "&a ",
            "*a",
            "!!int ",
            "#",
            "|",
            ">",
            "%",
            "\t",
            "\u0000",
            "\uFEFF",
            "\uD83D\uDE00",
            "~",
            "null",
            "..",
            "999999999999999999",
            "-1",
            "1e9",
            "P0",
            "signal",
            "\u2028");

    @Test
    void everyRejectionHasAPosition() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("fuzz.seconds", 0));
        for (int i = 0; i < 400 || System.nanoTime() - end < 0; i++) {
            String text = damaged(random);
            LoadResult result;
            long allocated = HEAP.getCurrentThreadAllocatedBytes();
            try {
                result = RuleTexts.load(text);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed + " round " + i + ": " + e, e);
            }
            assertThat(HEAP.getCurrentThreadAllocatedBytes() - allocated)
                    .as("seed %d round %d: bytes allocated", seed, i)
                    .isLessThan(64L << 20);
            boolean rejected = result.rules().isEmpty();
            assertThat(result.problems().stream().anyMatch(p -> !p.warning()))
                    .as("seed %d round %d", seed, i)
                    .isEqualTo(rejected);
            for (Problem problem : result.problems()) {
                assertThat(problem.position().line())
                        .as("seed %d round %d", seed, i)
                        .isPositive();
                assertThat(problem.position().column())
                        .as("seed %d round %d", seed, i)
                        .isPositive();
            }
        }
    }

    private static String damaged(Random random) {
        StringBuilder text = new StringBuilder(TEXT);
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int at = random.nextInt(text.length());
            int length = Math.min(random.nextInt(12), text.length() - at);
            switch (random.nextInt(4)) {
                case 0 -> text.delete(at, at + length);
                case 1 -> text.insert(at, BITS.get(random.nextInt(BITS.size())));
                case 2 -> text.replace(at, at + length, BITS.get(random.nextInt(BITS.size())));
                default -> swapLines(text, random);
            }
        }
        return text.toString();
    }

    private static void swapLines(StringBuilder text, Random random) {
        List<String> lines = Arrays.asList(text.toString().split("\n", -1));
        Collections.swap(lines, random.nextInt(lines.size()), random.nextInt(lines.size()));
        text.replace(0, text.length(), String.join("\n", lines));
    }
}
