package io.inferwatch.histograms;

import java.util.List;

/**
 * One condition on one label: it holds when any of the patterns does, or, negated, when none does. A pattern is an exact
 * value or holds {@code *} for any run of characters. A series that lacks the label has the value {@code ""}.
 */
public record LabelMatcher(String label, List<String> patterns, boolean negated) {
    public LabelMatcher {
        patterns = List.copyOf(patterns);
    }

    public boolean matches(String value) {
        for (String pattern : patterns) {
            if (matchesGlob(pattern, value)) {
                return !negated;
            }
        }
        return negated;
    }

    private static boolean matchesGlob(String pattern, String value) {
        int p = 0;
        int v = 0;
        int star = -1;
        int resume = 0;
        while (v < value.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = v;
            } else if (p < pattern.length() && pattern.charAt(p) == value.charAt(v)) {
                p++;
                v++;
            } else if (star >= 0) {
                p = star + 1;
                v = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
