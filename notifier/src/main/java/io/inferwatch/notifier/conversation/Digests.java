package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;

/** Names what is told at set times and belongs to no alert. */
public final class Digests {
    private static final String DIGEST = "sidecar_digest";
    private static final String WEEKLY = "sidecar_weekly_report";

    private Digests() {}

    public static Target digest(String receiver) {
        return new Target(receiver, new GroupKey(DIGEST, LabelSet.EMPTY));
    }

    public static Target weeklyReport(String receiver) {
        return new Target(receiver, new GroupKey(WEEKLY, LabelSet.EMPTY));
    }

    /** Whether it is a digest or a report and not a group of alerts. */
    static boolean isOne(Target target) {
        return isOne(target.group());
    }

    static boolean isOne(GroupKey group) {
        return group.rule().equals(DIGEST) || group.rule().equals(WEEKLY);
    }
}
