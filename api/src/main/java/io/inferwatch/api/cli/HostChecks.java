package io.inferwatch.api.cli;

import io.inferwatch.api.config.Configuration;
import io.inferwatch.collector.journal.DataDirectoryLock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The machine under the sidecar: Java, data directory, disk, clock, port. Changes nothing but a file it removes again. */
final class HostChecks {
    private static final double GIB = 1L << 30;
    private static final int OLDEST_JAVA = 25;

    /** No clock of this program's time shows an earlier one. */
    private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

    /** systemd-timesyncd makes it at the first answer of a time server. */
    private static final Path TIME_SYNCHRONIZED = Path.of("/run/systemd/timesync/synchronized");

    private final Configuration configuration;
    private final InstantSource clock;
    private final Checkup checkup;

    HostChecks(Configuration configuration, InstantSource clock, Checkup checkup) {
        this.configuration = configuration;
        this.clock = clock;
        this.checkup = checkup;
    }

    /** @param sidecar where a sidecar of this configuration answers; null where none does */
    void run(@Nullable String sidecar) {
        java();
        Path data = Path.of(configuration.text("data.dir")).toAbsolutePath().normalize();
        if (dataDirectory(data, sidecar)) {
            disk(data);
        }
        clock();
        port(sidecar);
    }

    private void java() {
        String found = Runtime.version() + " (" + System.getProperty("java.home") + ")";
        if (Runtime.version().feature() < OLDEST_JAVA) {
            checkup.wrong("java", found + " is too old; install a JDK " + OLDEST_JAVA + " and set JAVA_HOME to it");
        } else {
            checkup.ok("java", found);
        }
    }

    private boolean dataDirectory(Path data, @Nullable String sidecar) {
        if (sidecar != null && Files.isDirectory(data)) {
            checkup.ok("data directory", data + ", in use by the running sidecar");
            return true;
        }
        if (sidecar != null) {
            checkup.note(
                    "data directory",
                    data + " cannot be seen; the running sidecar has another, named by --data or data.dir,"
                            + " or one that only its user sees");
            return false;
        }
        if (!Files.exists(data)) {
            Path parent = nearestExisting(data);
            if (Files.isWritable(parent)) {
                checkup.ok("data directory", data + " will be made at the first start");
                return true;
            }
            checkup.wrong(
                    "data directory",
                    data + " cannot be made: " + parent + " is not writable; choose another with"
                            + " --data or data.dir");
            return false;
        }
        return existing(data);
    }

    private boolean existing(Path data) {
        if (!Files.isDirectory(data) || !Files.isWritable(data)) {
            checkup.wrong(
                    "data directory",
                    data + " is no writable directory; mend its owner and mode, or choose another"
                            + " with --data or data.dir");
            return false;
        }
        try {
            switch (DataDirectoryLock.acquire(data, clock)) {
                case DataDirectoryLock.Outcome.Taken taken -> {
                    taken.lock().close();
                    checkup.ok("data directory", data.toString());
                }
                case DataDirectoryLock.Outcome.HeldByAnother held ->
                    checkup.wrong(
                            "data directory",
                            data + " is in use by "
                                    + (held.holderPid().isPresent()
                                            ? "process " + held.holderPid().getAsLong()
                                            : "another process")
                                    + ", which does not answer at " + configuration.text("http.host") + ":"
                                    + configuration.integer("http.port"));
            }
            return true;
        } catch (IOException e) {
            checkup.wrong("data directory", data + " cannot be locked: " + e);
            return false;
        }
    }

    private void disk(Path data) {
        try {
            long freeBytes = Files.getFileStore(nearestExisting(data)).getUsableSpace();
            long wantedBytes = configuration.bytes("journal.max_bytes");
            String found = String.format(
                    Locale.ROOT,
                    "%.1f GiB free where the data lie; journal at most %.1f GiB, database at most %.1f GiB",
                    freeBytes / GIB,
                    wantedBytes / GIB,
                    configuration.bytes("store.max_bytes") / GIB);
            if (freeBytes < wantedBytes) {
                checkup.wrong("disk", found + "; make room, or lower journal.max_bytes");
            } else if (freeBytes < wantedBytes + configuration.bytes("store.max_bytes")) {
                checkup.note("disk", found + "; lower store.max_bytes if other things grow there too");
            } else {
                checkup.ok("disk", found);
            }
        } catch (IOException e) {
            checkup.wrong("disk", "free space of " + data + " is not known: " + e);
        }
    }

    private void clock() {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        if (now.isBefore(EARLIEST)) {
            checkup.wrong("clock", now + " cannot be right; set the clock, or start a time service");
        } else if (Files.exists(TIME_SYNCHRONIZED)) {
            checkup.ok("clock", now + ", synchronised");
        } else {
            checkup.note("clock", now + "; whether a time service keeps it is not known (timedatectl tells)");
        }
    }

    private void port(@Nullable String sidecar) {
        String host = configuration.text("http.host");
        int port = configuration.integer("http.port");
        if (sidecar != null) {
            checkup.ok("port", "the sidecar answers at " + sidecar);
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            checkup.ok("port", host + ":" + port + " is free");
        } catch (IOException e) {
            checkup.wrong(
                    "port",
                    host + ":" + port + ": " + e.getMessage()
                            + "; stop what listens there, or choose another with --port or http.port");
        }
    }

    private static Path nearestExisting(Path path) {
        Path existing = path;
        while (!Files.exists(existing)) {
            Path parent = existing.getParent();
            if (parent == null) {
                return existing;
            }
            existing = parent;
        }
        return existing;
    }
}
