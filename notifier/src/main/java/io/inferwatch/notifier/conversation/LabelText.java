package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;

/** Labels as one text and back, the same text for the same labels. */
public final class LabelText {
    private LabelText() {}

    public static String write(LabelSet labels) {
        return SituationText.labels(labels).encode();
    }

    public static LabelSet read(String text) {
        return SituationText.labels(Fields.decode(text));
    }
}
