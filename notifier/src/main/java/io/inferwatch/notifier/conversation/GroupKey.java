package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.AlertKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** What makes a group one group wherever its alerts are routed: its rule and the labels it is grouped by. */
public record GroupKey(String rule, LabelSet labels) {
    /** PagerDuty's limit of a {@code dedup_key}, Events API v2. */
    static final int MAX_KEY_CHARACTERS = 255;

    /** The group's name at every receiver, {@code inferwatch/<host>/<rule>/<label=value,…>}, hashed where too long. */
    public String dedupKey(String hostId, String suffix) {
        StringBuilder key = new StringBuilder("inferwatch/")
                .append(escaped(hostId, "/"))
                .append('/')
                .append(escaped(rule, "/"))
                .append('/');
        String separator = "";
        for (Map.Entry<String, String> label : labels.asMap().entrySet()) {
            key.append(separator).append(escaped(label.getKey(), ",=")).append('=');
            key.append(escaped(label.getValue(), ",="));
            separator = ",";
        }
        String readable = key.toString();
        return readable.length() + suffix.length() <= MAX_KEY_CHARACTERS
                ? readable + suffix
                : sha256(readable) + suffix;
    }

    /** Whether its alerts are one rule's, so that their keys can be told from it. */
    public boolean isOfARule() {
        return !StormGuard.isOne(this) && !Digests.isOne(this) && !Beats.isOne(this);
    }

    /** Whether an instance may belong to this group; a group label that is none of the instance's own does not decide. */
    boolean covers(AlertKey alert) {
        return rule.equals(alert.rule())
                && labels.asMap().entrySet().stream()
                        .allMatch(label -> alert.labels()
                                .get(label.getKey())
                                .map(label.getValue()::equals)
                                .orElse(true));
    }

    /** Keeps two groups apart whose labels hold the separators, and markup out of the key. */
    private static String escaped(String text, String separators) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || "%#<>&".indexOf(c) >= 0 || separators.indexOf(c) >= 0) {
                out.append(String.format("%%%02X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
