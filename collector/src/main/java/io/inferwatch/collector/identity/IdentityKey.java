package io.inferwatch.collector.identity;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/** The secret with which names are hashed: made once, kept beside the data, never shown. Immutable. */
public final class IdentityKey {
    /** In the data directory, readable by its owner alone. */
    public static final String FILE_NAME = "identity.key";

    private static final int LENGTH_BYTES = 32;

    private final byte[] secret;

    private IdentityKey(byte[] secret) {
        this.secret = secret;
    }

    /** @throws IllegalArgumentException unless there are 32 bytes */
    public static IdentityKey of(byte[] secret) {
        if (secret.length != LENGTH_BYTES) {
            throw new IllegalArgumentException("a key of " + secret.length + " bytes; " + LENGTH_BYTES + " are needed");
        }
        return new IdentityKey(secret.clone());
    }

    /**
     * The key of this data directory; at the first start it is made, on disk before it is used.
     *
     * @throws IOException naming the file and the remedy, when it cannot be read or made or is damaged
     */
    public static IdentityKey loadOrCreate(Path dataDirectory) throws IOException {
        Path file = dataDirectory.resolve(FILE_NAME);
        try {
            return read(file);
        } catch (NoSuchFileException e) {
            create(file);
            return read(file);
        }
    }

    byte[] secret() {
        return secret.clone();
    }

    @Override
    public String toString() {
        return "<redacted>";
    }

    private static IdentityKey read(Path file) throws IOException {
        byte[] secret = Files.readAllBytes(file);
        if (secret.length != LENGTH_BYTES) {
            throw new IOException(file + " holds " + secret.length + " bytes, a key has " + LENGTH_BYTES
                    + "; restore it from a backup, or delete it: users then count as new ones");
        }
        return new IdentityKey(secret);
    }

    /** Written aside and moved into place, so that a crash leaves no half a key. */
    private static void create(Path file) throws IOException {
        byte[] secret = new byte[LENGTH_BYTES];
        new SecureRandom().nextBytes(secret);
        Path aside = file.resolveSibling(FILE_NAME + ".new");
        Files.deleteIfExists(aside);
        FileAttribute<?> ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel =
                FileChannel.open(aside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
            channel.write(ByteBuffer.wrap(secret));
            channel.force(true);
        }
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
