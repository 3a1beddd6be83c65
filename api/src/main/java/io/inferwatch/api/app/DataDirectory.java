package io.inferwatch.api.app;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/** The small files beside journal and database: the admin token and the name this host was first started under. */
public final class DataDirectory {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final int TOKEN_BYTES = 32;
    private static final Path KERNEL_NAME = Path.of("/proc/sys/kernel/hostname");

    private final Path directory;

    private DataDirectory(Path directory) {
        this.directory = directory;
    }

    /** Makes the directory where it is missing, readable by its owner alone. */
    public static DataDirectory open(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return new DataDirectory(directory);
    }

    public Path path() {
        return directory;
    }

    /** The admin token, made at the first start; its file can be read by its owner alone. */
    public String adminToken() throws IOException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        return remembered("admin.token", HexFormat.of().formatHex(random));
    }

    /** The configured name, else {@code NODE_NAME}, else what is remembered from the first start, else the host's name. */
    public String hostId(Optional<String> configured, Optional<String> nodeName) throws IOException {
        Optional<String> given = configured.or(() -> nodeName.filter(name -> !name.isBlank()));
        return given.isPresent() ? given.get() : remembered("host_id", hostName());
    }

    /** As the kernel has it: a host whose own name nobody resolves, or whose resolver is away, has one all the same. */
    private static String hostName() throws IOException {
        return Files.isReadable(KERNEL_NAME)
                ? Files.readString(KERNEL_NAME).strip()
                : InetAddress.getLocalHost().getHostName();
    }

    private String remembered(String name, String first) throws IOException {
        Path file = directory.resolve(name);
        if (Files.exists(file)) {
            String kept = Files.readString(file).strip();
            if (!kept.isEmpty()) {
                return kept;
            }
        }
        // Written aside and moved: a death in between leaves no empty token behind.
        Path aside = directory.resolve(name + ".new");
        Files.deleteIfExists(aside);
        Files.createFile(aside, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.write(aside, (first + "\n").getBytes(StandardCharsets.UTF_8), StandardOpenOption.SYNC);
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return first;
    }
}
