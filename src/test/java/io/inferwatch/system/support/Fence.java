package io.inferwatch.system.support;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A fenced block of a Markdown page: where it begins (1-based), the words after the back-ticks, what is in it. */
public record Fence(int line, List<String> words, String text) {

    /** Every fenced block of the page, in order. */
    public static List<Fence> allOf(String markdown) {
        List<Fence> fences = new ArrayList<>();
        List<String> lines = markdown.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).startsWith("```")) {
                continue;
            }
            int end = i + 1;
            while (end < lines.size() && !lines.get(end).equals("```")) {
                end++;
            }
            if (end == lines.size()) {
                throw new AssertionError("line " + (i + 1) + ": the block has no end");
            }
            List<String> words = List.of(lines.get(i).substring(3).strip().split("\\s+"));
            fences.add(new Fence(i + 1, words, String.join("\n", lines.subList(i + 1, end)) + "\n"));
            i = end;
        }
        return fences;
    }

    public boolean isShell() {
        return words.getFirst().equals("sh");
    }

    /** Whether the test runs it: {@code sh run} after the back-ticks, or a first line {@code # run}. */
    public boolean isRun() {
        return isShell() && (words.contains("run") || text.startsWith("# run\n"));
    }

    /** Whether it shows what the shell block above it prints. */
    public boolean isExpected() {
        return words.contains("expected");
    }

    /** Whether an output is the one shown here: blanks do not count, {@code …} stands for anything. */
    public boolean shows(String output) {
        StringBuilder pattern = new StringBuilder();
        for (String part : withoutBlanks(text).split("…", -1)) {
            pattern.append(pattern.isEmpty() ? "" : ".*?").append(Pattern.quote(part));
        }
        return Pattern.compile(pattern.toString(), Pattern.DOTALL)
                .matcher(withoutBlanks(output))
                .matches();
    }

    private static String withoutBlanks(String text) {
        return text.replaceAll("\\s+", "");
    }
}
