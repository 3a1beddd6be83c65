package io.inferwatch.rules.load;

import io.inferwatch.rules.RuleTest.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * promtool's notation for a series: {@code 300x4} is five samples of 300, {@code 1+1x20} climbs from 1 to 21, {@code _}
 * is missing, {@code _x3} three times, {@code stale} ends the series.
 */
final class SeriesNotation {
    private static final int MAX_STEPS = 100_000;
    private static final String NUMBER = "[-+]?(?:\\d{1,15}(?:\\.\\d{0,12})?|\\.\\d{1,12})(?:e[-+]?\\d{1,2})?";
    private static final Pattern RUN =
            Pattern.compile("(" + NUMBER + ")(?:([-+](?:\\d{1,15}(?:\\.\\d{0,12})?|\\.\\d{1,12})))?x(\\d{1,6})");
    private static final Pattern GAP = Pattern.compile("_(?:x(\\d{1,6}))?");

    private SeriesNotation() {}

    /** Empty when a word is none of these, or there are more than 100,000 steps. */
    static Optional<List<Step>> parse(String text) {
        List<Step> steps = new ArrayList<>();
        for (String word : text.strip().split("\\s+")) {
            if (!parse(word, steps) || steps.size() > MAX_STEPS) {
                return Optional.empty();
            }
        }
        return Optional.of(steps);
    }

    private static boolean parse(String word, List<Step> steps) {
        Matcher run = RUN.matcher(word);
        if (run.matches()) {
            double value = Double.parseDouble(run.group(1));
            double increment = run.group(2) == null ? 0 : Double.parseDouble(run.group(2));
            for (int i = 0; i <= Integer.parseInt(run.group(3)) && i <= MAX_STEPS; i++) {
                steps.add(new Step.Value(value + i * increment));
            }
            return true;
        }
        Matcher gap = GAP.matcher(word);
        if (gap.matches()) {
            int times = gap.group(1) == null ? 1 : Integer.parseInt(gap.group(1));
            for (int i = 0; i < times && i <= MAX_STEPS; i++) {
                steps.add(new Step.Missing());
            }
            return true;
        }
        if (word.equals("stale")) {
            steps.add(new Step.Stale());
            return true;
        }
        if (word.matches(NUMBER)) {
            steps.add(new Step.Value(Double.parseDouble(word)));
            return true;
        }
        return false;
    }
}
