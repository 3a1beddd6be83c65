package io.inferwatch.gpu.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /proc}. A process may end between two looks and may be hidden from us; then there is no answer, never an error.
 * Any thread.
 */
public final class ProcFs {
    /** A driver writes {@code GPU-????????-…} for a GPU that was never opened. */
    private static final Pattern GPU_UUID = Pattern.compile("(?m)^GPU UUID:\\s*(GPU-[0-9a-fA-F-]+)\\s*$");

    /** {@code TCP_LISTEN} of {@code /proc/net/tcp}. */
    private static final String LISTENING = "0A";

    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

    private final Path root;

    /** @param root {@code /proc} */
    public ProcFs(Path root) {
        this.root = root;
    }

    public Optional<HostProcess> process(int pid) {
        Path folder = root.resolve(Integer.toString(pid));
        Optional<String> command = text(folder.resolve("comm"));
        if (command.isEmpty()) {
            return Optional.empty();
        }
        Cgroup cgroup = Cgroup.parsed(text(folder.resolve("cgroup")).orElse(""));
        int parent = text(folder.resolve("stat")).flatMap(Cgroup::parentPid).orElse(0);
        return Optional.of(new HostProcess(pid, parent, command.get().strip(), cgroup.container(), cgroup.pod()));
    }

    /**
     * The GPU at this place on the PCI bus, as the NVIDIA driver lists it in {@code driver/nvidia/gpus}.
     *
     * @param pciBus {@code 0000:3b:00}: domain, bus and device
     */
    public Optional<String> gpuUuid(String pciBus) {
        return text(root.resolve("driver/nvidia/gpus").resolve(pciBus + ".0").resolve("information"))
                .map(GPU_UUID::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1));
    }

    /**
     * Which processes listen on which TCP port, as far as this user may see it: the sockets of other users' processes
     * are visible to root alone.
     *
     * @param ports asked for
     */
    public Map<Integer, Set<Integer>> listeners(Set<Integer> ports) {
        Map<String, ListeningSocket> byInode = listening(ports::contains);
        Map<Integer, Set<Integer>> pids = new HashMap<>();
        if (!byInode.isEmpty()) {
            for (int pid : processFolders()) {
                inodes(pid, inode -> {
                    ListeningSocket socket = byInode.get(inode);
                    if (socket != null) {
                        pids.computeIfAbsent(socket.port(), made -> new HashSet<>())
                                .add(pid);
                    }
                });
            }
        }
        return pids;
    }

    /** Every TCP socket that listens, by the process that holds it, of these processes. */
    Map<Integer, List<ListeningSocket>> sockets(Set<Integer> pids) {
        Map<String, ListeningSocket> byInode = listening(port -> true);
        Map<Integer, List<ListeningSocket>> byPid = new HashMap<>();
        for (int pid : pids) {
            inodes(pid, inode -> {
                ListeningSocket socket = byInode.get(inode);
                if (socket != null) {
                    byPid.computeIfAbsent(pid, made -> new ArrayList<>()).add(socket);
                }
            });
        }
        return byPid;
    }

    /** Whether this user may see which sockets a process has: those of another user's process only root may. */
    boolean showsSockets(int pid) {
        return Files.isReadable(root.resolve(Integer.toString(pid)).resolve("fd"));
    }

    /** When a process began, in clock ticks since the machine started: a pid alone may be another's later. */
    OptionalLong startTicks(int pid) {
        return text(root.resolve(Integer.toString(pid)).resolve("stat"))
                .map(Cgroup::startTicks)
                .orElse(OptionalLong.empty());
    }

    /** The processes of this host and whose children they are, as far as this process sees them. */
    Map<Integer, Integer> parents() {
        Map<Integer, Integer> parents = new HashMap<>();
        for (int pid : processFolders()) {
            text(root.resolve(Integer.toString(pid)).resolve("stat"))
                    .flatMap(Cgroup::parentPid)
                    .ifPresent(parent -> parents.put(pid, parent));
        }
        return parents;
    }

    /** The lowest and the highest port that the kernel gives out by itself; a range of none where it cannot be read. */
    int[] ephemeralPorts() {
        String[] bounds = text(root.resolve("sys/net/ipv4/ip_local_port_range"))
                .orElse("")
                .strip()
                .split("\\s+");
        try {
            return bounds.length == 2
                    ? new int[] {Integer.parseInt(bounds[0]), Integer.parseInt(bounds[1])}
                    : new int[] {1, 0};
        } catch (NumberFormatException garbage) {
            return new int[] {1, 0};
        }
    }

    private Map<String, ListeningSocket> listening(IntPredicate isWanted) {
        Map<String, ListeningSocket> byInode = new HashMap<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            text(root.resolve(table))
                    .ifPresent(text -> text.lines().forEach(line -> listening(line, isWanted, byInode)));
        }
        return byInode;
    }

    /** {@code sl local_address rem_address st … uid timeout inode}: addresses in hexadecimal. */
    private static void listening(String line, IntPredicate isWanted, Map<String, ListeningSocket> byInode) {
        String[] words = line.strip().split("\\s+");
        if (words.length < 10 || !words[3].equals(LISTENING) || words[1].indexOf(':') < 0) {
            return;
        }
        ListeningSocket socket = ListeningSocket.parsed(words[1]);
        if (isWanted.test(socket.port())) {
            byInode.put(words[9], socket);
        }
    }

    private void inodes(int pid, Consumer<String> each) {
        try (DirectoryStream<Path> open =
                Files.newDirectoryStream(root.resolve(Integer.toString(pid)).resolve("fd"))) {
            for (Path descriptor : open) {
                Matcher socket =
                        SOCKET.matcher(Files.readSymbolicLink(descriptor).toString());
                if (socket.matches()) {
                    each.accept(socket.group(1));
                }
            }
        } catch (IOException | DirectoryIteratorException hidden) {
            // Another user's process, or one that has ended.
        }
    }

    private Set<Integer> processFolders() {
        Set<Integer> pids = new HashSet<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, "[0-9]*")) {
            for (Path folder : folders) {
                pids.add(Integer.parseInt(folder.getFileName().toString()));
            }
        } catch (IOException | UncheckedIOException | NumberFormatException unreadable) {
            return pids;
        }
        return pids;
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (IOException hidden) {
            return Optional.empty();
        }
    }
}
