package io.inferwatch.notifier.outbox;

import io.inferwatch.notifier.conversation.ConversationText;
import io.inferwatch.notifier.conversation.LabelText;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.rules.AlertKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Primary keys: the SHA-256 of what a row stands for. */
final class RowId {
    private RowId() {}

    static String of(AlertKey key) {
        return sha256(key.rule() + "\0" + LabelText.write(key.labels()));
    }

    static String of(Target target) {
        return sha256(ConversationText.target(target).encode());
    }

    static String of(String alertId) {
        return sha256(alertId);
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
