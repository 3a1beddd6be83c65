package io.inferwatch.gpu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * The configuration section {@code gpu}.
 *
 * @param library path of the NVML library; empty: the usual search order
 * @param interval between two polls of a GPU, 100 ms to 1 min. Under 1 s NVML measurably slows the server it watches
 * @param servers the model servers of this host, from the section {@code servers}
 * @param procRoot where processes are read: {@code /proc}
 * @param kernelLog where the kernel's log is read for XIDs, if it may be: {@code /dev/kmsg}
 * @param deadline after which a driver call counts as hung, 100 ms to 5 min
 */
public record GpuConfig(
        Enabled enabled,
        String library,
        Duration interval,
        Duration deadline,
        Expected expected,
        Slow slow,
        List<ServedGpus> servers,
        Path procRoot,
        Path kernelLog) {
    private static final Path PROC = Path.of("/proc");
    private static final Path KERNEL_LOG = Path.of("/dev/kmsg");

    /** With the default for what is read less often, and without servers. */
    public GpuConfig(Enabled enabled, String library, Duration interval, Duration deadline, Expected expected) {
        this(enabled, library, interval, deadline, expected, Slow.DEFAULT);
    }

    /** Without servers. */
    public GpuConfig(
            Enabled enabled, String library, Duration interval, Duration deadline, Expected expected, Slow slow) {
        this(enabled, library, interval, deadline, expected, slow, List.of(), PROC, KERNEL_LOG);
    }

    /** The same, and the model servers that use the GPUs. */
    public GpuConfig serving(List<ServedGpus> users) {
        return new GpuConfig(enabled, library, interval, deadline, expected, slow, users, procRoot, kernelLog);
    }

    /** The same, reading processes elsewhere than in {@code /proc}, for tests. */
    GpuConfig withProc(Path root) {
        return new GpuConfig(enabled, library, interval, deadline, expected, slow, servers, root, kernelLog);
    }

    /** The same with another kernel log, for tests. */
    GpuConfig withKernelLog(Path device) {
        return new GpuConfig(enabled, library, interval, deadline, expected, slow, servers, procRoot, device);
    }

    /**
     * How often what needs no reading at each poll is read, 100 ms to 1 h each.
     *
     * @param links bytes moved over PCIe and NVLink, and errors on them
     * @param health memory errors, remapped rows and retired pages
     */
    public record Slow(Duration links, Duration health) {
        public static final Slow DEFAULT = new Slow(Duration.ofSeconds(5), Duration.ofSeconds(10));

        public Slow {
            check("gpu.links_interval", links, Duration.ofMillis(100), Duration.ofHours(1));
            check("gpu.health_interval", health, Duration.ofMillis(100), Duration.ofHours(1));
        }
    }

    /** Whether GPUs are read. */
    public enum Enabled {
        /** Where there is NVML; its absence is a remark. */
        AUTO,
        /** Its absence is a warning. */
        TRUE,
        FALSE;

        /** @throws IllegalArgumentException when it is none of {@code auto}, {@code true}, {@code false} */
        public static Enabled parse(String text) {
            return switch (text.strip().toLowerCase(Locale.ROOT)) {
                case "auto" -> AUTO;
                case "true" -> TRUE;
                case "false" -> FALSE;
                default ->
                    throw new IllegalArgumentException("gpu.enabled: \"" + text + "\" is none of auto, true, false");
            };
        }
    }

    /** Which GPUs ought to be there; one that is not is reported with {@code gpu.up} 0. */
    public sealed interface Expected {
        /** Every GPU seen since the start. */
        record Auto() implements Expected {}

        /** @param gpus how many, 0 to 1024 */
        record Count(int gpus) implements Expected {
            public Count {
                if (gpus < 0 || gpus > 1024) {
                    throw new IllegalArgumentException("gpu.expected: " + gpus + " is not a count of 0 to 1024");
                }
            }
        }

        /** @param uuids as NVML prints them, {@code GPU-…} */
        record Uuids(List<String> uuids) implements Expected {
            public Uuids {
                uuids = List.copyOf(uuids);
                for (String uuid : uuids) {
                    if (!uuid.startsWith("GPU-")) {
                        throw new IllegalArgumentException("gpu.expected: \"" + uuid
                                + "\" is not a GPU's UUID; `inferwatch gpus` lists them as GPU-…");
                    }
                }
                if (new HashSet<>(uuids).size() != uuids.size()) {
                    throw new IllegalArgumentException("gpu.expected: a UUID stands twice in " + uuids);
                }
            }
        }
    }

    public GpuConfig {
        servers = ServedGpus.checked(servers);
        check("gpu.interval", interval, Duration.ofMillis(100), Duration.ofMinutes(1));
        check("gpu.deadline", deadline, Duration.ofMillis(100), Duration.ofMinutes(5));
    }

    public static GpuConfig defaults() {
        return new GpuConfig(Enabled.AUTO, "", Duration.ofSeconds(1), Duration.ofSeconds(5), new Expected.Auto());
    }

    private static void check(String key, Duration value, Duration lowest, Duration highest) {
        if (value.compareTo(lowest) < 0 || value.compareTo(highest) > 0) {
            throw new IllegalArgumentException(key + ": " + value.toMillis() + " ms is not between " + lowest.toMillis()
                    + " ms and " + highest.toMillis() + " ms");
        }
    }
}
