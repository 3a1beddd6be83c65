package io.inferwatch.gpu.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A made-up {@code /proc}: processes, what they are children of, and the sockets they listen on. */
public final class MadeUpProc {
    private static final int FIRST_INODE = 1_000;

    private final Path root;
    private final Map<Integer, List<String>> listening = new TreeMap<>();
    private final Map<String, Integer> inodes = new HashMap<>();

    /** @param root an empty folder */
    public MadeUpProc(Path root) {
        this.root = root;
    }

    public Path root() {
        return root;
    }

    /**
     * A process of this pid has begun.
     *
     * @param startTicks when
     * @param local what it listens on, as {@code /proc/net/tcp} writes addresses: {@code 0100007F:1F90}; of IPv6 32 digits
     */
    public void begin(int pid, int parent, String command, long startTicks, String... local) {
        Path folder = root.resolve(Integer.toString(pid));
        try {
            Files.createDirectories(folder.resolve("fd"));
            Files.writeString(folder.resolve("comm"), command + "\n");
            Files.writeString(
                    folder.resolve("stat"),
                    pid + " (" + command + ") S " + parent + " 1 1 0 -1 4194560 1 0 0 0 5 5 0 0 20 0 1 0 " + startTicks
                            + " 1 1\n");
            listening.put(pid, List.of(local));
            for (int i = 0; i < local.length; i++) {
                int inode = inodes.computeIfAbsent(local[i], made -> FIRST_INODE + inodes.size());
                Files.createSymbolicLink(folder.resolve("fd/" + (3 + i)), Path.of("socket:[" + inode + "]"));
            }
            tables();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void end(int pid) {
        listening.remove(pid);
        try (Stream<Path> all = Files.walk(root.resolve(Integer.toString(pid)))) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
            tables();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void cgroup(int pid, String text) {
        write(Integer.toString(pid) + "/cgroup", text);
    }

    public void ephemeralPorts(int lowest, int highest) {
        write("sys/net/ipv4/ip_local_port_range", lowest + "\t" + highest + "\n");
    }

    /** Of IPv4, on the loopback interface. */
    public static String loopback(int port) {
        return "0100007F:%04X".formatted(port);
    }

    private void tables() {
        StringBuilder four = new StringBuilder("  sl  local_address rem_address   st\n");
        StringBuilder six = new StringBuilder(four);
        for (List<String> sockets : listening.values()) {
            for (String local : sockets) {
                (local.length() > 13 ? six : four)
                        .append("   0: ")
                        .append(local)
                        .append(" 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 ")
                        .append(inodes.get(local))
                        .append(" 1 0\n");
            }
        }
        write("net/tcp", four.toString());
        write("net/tcp6", six.toString());
    }

    private void write(String name, String text) {
        try {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent() == null ? root : file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
