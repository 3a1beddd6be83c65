package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Something that happened, and that explains what the windows show: a deploy, a reload, a note somebody made.
 *
 * @param kind {@code deploy}, {@code reload}, {@code note} …; a word of a–z, 0–9 and {@code _}, at most 32
 * @param labels whom it concerns: a series or an alert that agrees on every label both have; none: all of them
 * @param text at most 1,000 characters, may be empty
 */
public record Mark(Instant at, String kind, LabelSet labels, String text) {
    public static final String DEPLOY = "deploy";

    private static final int LONGEST_TEXT = 1_000;
    private static final int MOST_LABELS = 16;

    /** @throws IllegalArgumentException naming what does not fit */
    public Mark {
        if (!kind.matches("[a-z][a-z0-9_]{0,31}")) {
            throw new IllegalArgumentException("kind: \"" + kind + "\" is no word of a-z, 0-9 and _, at most 32");
        }
        if (text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "text: " + text.length() + " characters; there may be at most " + LONGEST_TEXT);
        }
        if (labels.names().size() > MOST_LABELS) {
            throw new IllegalArgumentException(
                    "labels: " + labels.names().size() + "; there may be at most " + MOST_LABELS);
        }
    }

    /** As it comes back from where marks are kept. */
    Mark toTheMillisecond() {
        return new Mark(at.truncatedTo(ChronoUnit.MILLIS), kind, labels, text);
    }

    /** Whether it concerns something with these labels. */
    public boolean concerns(LabelSet other) {
        for (String name : labels.names()) {
            if (other.get(name).isPresent() && !other.get(name).equals(labels.get(name))) {
                return false;
            }
        }
        return true;
    }
}
