package io.inferwatch.notifier.channel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A credential, read anew each time it is used, so that a rotated file is picked up. Prints {@code <redacted>}. */
public sealed interface Secret {

    /** The credential without surrounding white space, never empty. */
    String read() throws Unreadable;

    /** The secret cannot be read now; says where it was looked for, never what was found. */
    final class Unreadable extends Exception {
        public Unreadable(String message) {
            super(message);
        }
    }

    /** Written out in the rules file. */
    record Literal(String value) implements Secret {
        @Override
        public String read() throws Unreadable {
            return nonEmpty(value, "the secret in the rules file");
        }

        @Override
        public String toString() {
            return "<redacted>";
        }
    }

    record FromFile(String path) implements Secret {
        private static final int MAX_BYTES = 16 * 1024;

        @Override
        public String read() throws Unreadable {
            try {
                Path file = Path.of(path);
                if (Files.size(file) > MAX_BYTES) {
                    throw new Unreadable("secret file " + path + " is over 16 KiB");
                }
                return nonEmpty(Files.readString(file), "secret file " + path);
            } catch (IOException | InvalidPathException e) {
                throw new Unreadable("secret file " + path + " cannot be read ("
                        + e.getClass().getSimpleName() + "); check that it exists and is readable");
            }
        }

        @Override
        public String toString() {
            return "<redacted>";
        }
    }

    record FromEnvironment(String name, UnaryOperator<@Nullable String> environment) implements Secret {
        @Override
        public String read() throws Unreadable {
            String value = environment.apply(name);
            if (value == null) {
                throw new Unreadable("environment variable " + name + " is not set");
            }
            return nonEmpty(value, "environment variable " + name);
        }

        @Override
        public String toString() {
            return "<redacted>";
        }
    }

    /** A secret that the settings lack altogether. */
    record Absent(String key) implements Secret {
        @Override
        public String read() throws Unreadable {
            throw new Unreadable("the receiver has no \"" + key + "\"");
        }
    }

    private static String nonEmpty(String value, String where) throws Unreadable {
        String trimmed = value.strip();
        if (trimmed.isEmpty()) {
            throw new Unreadable(where + " is empty");
        }
        return trimmed;
    }
}
