package io.inferwatch.rules.book;

import io.inferwatch.rules.load.RuleFile;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** A short name of the content of rule texts. */
final class RuleTag {
    private static final int BYTES = 12;

    private RuleTag() {}

    static String of(List<RuleFile> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (RuleFile file : files) {
                byte[] text = file.text().getBytes(StandardCharsets.UTF_8);
                digest.update(Integer.toString(text.length).getBytes(StandardCharsets.UTF_8));
                digest.update((byte) ':');
                digest.update(text);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
