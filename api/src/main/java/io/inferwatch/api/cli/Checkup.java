package io.inferwatch.api.cli;

import java.util.ArrayList;
import java.util.List;

/** What {@code doctor} has looked at, in the order it looked. */
final class Checkup {
    private final List<Line> lines = new ArrayList<>();

    /** How a thing was found. */
    enum Outcome {
        OK("ok"),
        /** Worth knowing, nothing to mend. */
        NOTE("note"),
        WRONG("WRONG");

        private final String word;

        Outcome(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /** @param text what was found, and for what is wrong, the remedy */
    record Line(Outcome outcome, String subject, String text) {}

    void ok(String subject, String text) {
        lines.add(new Line(Outcome.OK, subject, text));
    }

    void note(String subject, String text) {
        lines.add(new Line(Outcome.NOTE, subject, text));
    }

    void wrong(String subject, String text) {
        lines.add(new Line(Outcome.WRONG, subject, text));
    }

    List<Line> lines() {
        return List.copyOf(lines);
    }

    boolean foundWrong() {
        return lines.stream().anyMatch(line -> line.outcome() == Outcome.WRONG);
    }
}
