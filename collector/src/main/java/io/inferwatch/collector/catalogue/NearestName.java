package io.inferwatch.collector.catalogue;

import java.util.Locale;
import java.util.Optional;

/** The known name somebody probably meant: every "did you mean" of the product. Stateless; any thread. */
public final class NearestName {
    /** What is longer was not mistyped, and comparing it would cost more than the hint is worth. */
    private static final int LONGEST_COMPARED = 128;

    private NearestName() {}

    /**
     * The nearest of these names, the earlier one on a tie; empty when none is near enough to be worth a hint. Of a
     * name that only lacks its ending ({@code ttft} for {@code ttft_ms}) or has too much of one, that ending counts
     * as a single slip.
     */
    public static Optional<String> among(Iterable<String> known, String given) {
        if (given.isEmpty() || given.length() > LONGEST_COMPARED) {
            return Optional.empty();
        }
        String wanted = given.toLowerCase(Locale.ROOT);
        int fewestSlips = Math.max(2, wanted.length() / 3) + 1;
        String nearest = null;
        for (String candidate : known) {
            int slips = slips(wanted, candidate.toLowerCase(Locale.ROOT));
            if (slips < fewestSlips) {
                fewestSlips = slips;
                nearest = candidate;
            }
        }
        return Optional.ofNullable(nearest);
    }

    private static int slips(String given, String candidate) {
        if (withoutSeparators(given).equals(withoutSeparators(candidate))) {
            return 0;
        }
        if (given.length() >= 3 && candidate.length() >= 3) {
            if (candidate.startsWith(given) || given.startsWith(candidate)) {
                return given.length() == candidate.length() ? 0 : 1;
            }
        }
        return distance(given, candidate);
    }

    private static String withoutSeparators(String name) {
        return name.replace("_", "").replace(".", "").replace("-", "");
    }

    /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
