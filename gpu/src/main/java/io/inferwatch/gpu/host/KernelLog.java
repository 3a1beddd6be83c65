package io.inferwatch.gpu.host;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows {@code /dev/kmsg} for what the NVIDIA driver writes there of XIDs. Reading takes nothing from other readers. Where
 * the log may not be read, as without {@code CAP_SYSLOG} on many hosts, there is nothing to follow and nothing is said.
 *
 * <p>A read blocks until the kernel has something to say, so it has a daemon thread of its own, which nobody joins.
 */
public final class KernelLog {
    private static final Logger log = LoggerFactory.getLogger(KernelLog.class);

    /** {@code <priority>,<number>,<µs since boot>,<flags>;<text>}: the kernel's Documentation/ABI/testing/dev-kmsg. */
    private static final Pattern RECORD = Pattern.compile("\\d+,\\d+,(\\d+),[^;]*;(.*)");

    /** {@code NVRM: Xid (PCI:0000:3b:00): 79, pid=…, GPU has fallen off the bus.} */
    private static final Pattern XID = Pattern.compile(
            "NVRM: Xid \\(PCI:([0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2})[^)]*\\): (\\d{1,6})\\b.*");

    /** More than the longest record: a shorter buffer is refused. */
    private static final int BUFFER_BYTES = 8192;

    /** In a row: a log that is flooded may be overwritten again before it is read. */
    private static final int MOST_REFUSALS = 100;

    private final Path device;

    /** @param device {@code /dev/kmsg} */
    public KernelLog(Path device) {
        this.device = device;
    }

    /**
     * A line about an XID.
     *
     * @param pciBus {@code 0000:3b:00}: domain, bus and device, in lower case
     * @param sinceBootMicros when the kernel took it down
     */
    public record Xid(String pciBus, int number, long sinceBootMicros) {}

    /**
     * Begins to follow it, on a thread named {@code gpu-kernel-log}.
     *
     * @param sinceBootMicros what is older is left out: the log holds what was before this process
     * @param taker told of each XID, on that thread
     */
    public void follow(long sinceBootMicros, Consumer<Xid> taker) {
        if (Files.isReadable(device)) {
            Thread.ofPlatform().name("gpu-kernel-log").daemon().start(() -> read(sinceBootMicros, taker));
        }
    }

    /** Until the log ends, as a device never does. */
    void read(long sinceBootMicros, Consumer<Xid> taker) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream records = new FileInputStream(device.toFile())) {
            for (int read = next(records, buffer); read >= 0; read = next(records, buffer)) {
                new String(buffer, 0, read, StandardCharsets.UTF_8)
                        .lines()
                        .flatMap(line -> parsed(line).stream())
                        .filter(xid -> xid.sinceBootMicros() >= sinceBootMicros)
                        .forEach(taker);
            }
        } catch (IOException refused) {
            log.debug("{} is not followed: {}", device, refused.toString());
        }
    }

    /** The kernel says EPIPE when records were overwritten before they were read; the next read goes on behind them. */
    private static int next(InputStream records, byte[] buffer) throws IOException {
        for (int refusals = 1; ; refusals++) {
            try {
                return records.read(buffer);
            } catch (IOException overwritten) {
                if (refusals == MOST_REFUSALS) {
                    throw overwritten;
                }
            }
        }
    }

    static Optional<Xid> parsed(String line) {
        Matcher record = RECORD.matcher(line);
        if (!record.matches()) {
            return Optional.empty();
        }
        Matcher xid = XID.matcher(record.group(2));
        return xid.matches()
                ? Optional.of(new Xid(
                        xid.group(1).toLowerCase(Locale.ROOT),
                        Integer.parseInt(xid.group(2)),
                        Long.parseLong(record.group(1))))
                : Optional.empty();
    }
}
