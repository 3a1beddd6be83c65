package io.inferwatch.system.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** What Linux says of a process. */
public record ProcessFigures(long pid) {
    /** Clock ticks a second in /proc; 100 on every Linux this runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final String LISTENING = "0A";

    public double residentMebibytes() {
        return statusKibibytes("VmRSS:") / 1024.0;
    }

    /** User and system time since the process began. */
    public double cpuSeconds() {
        String stat = read(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** Remote addresses of this process's TCP and UDP sockets that lie outside the loopback, as /proc writes them. */
    public List<String> connectionsBeyondLoopback() {
        List<String> sockets = socketInodes();
        List<String> found = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
            for (String line : read(Path.of("/proc/" + pid + "/net/" + table))
                    .lines()
                    .skip(1)
                    .toList()) {
                String[] fields = line.strip().split("\\s+");
                String remote = fields[2].substring(0, fields[2].indexOf(':'));
                if (sockets.contains(fields[9]) && !fields[3].equals(LISTENING) && !isLoopbackOrNone(remote)) {
                    found.add(table + " " + fields[2]);
                }
            }
        }
        return found;
    }

    /** Local addresses this process listens on, as {@code address:port}, IPv4 only in dotted form. */
    public List<String> listensOn() {
        List<String> sockets = socketInodes();
        List<String> found = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : read(Path.of("/proc/" + pid + "/net/" + table))
                    .lines()
                    .skip(1)
                    .toList()) {
                String[] fields = line.strip().split("\\s+");
                if (sockets.contains(fields[9]) && fields[3].equals(LISTENING)) {
                    String[] local = fields[1].split(":");
                    found.add((isLoopback(local[0]) ? "loopback" : local[0]) + ":" + Integer.parseInt(local[1], 16));
                }
            }
        }
        return found;
    }

    private static boolean isLoopbackOrNone(String address) {
        return address.chars().allMatch(digit -> digit == '0') || isLoopback(address);
    }

    private static boolean isLoopback(String address) {
        byte[] bytes = HexFormat.of().parseHex(address);
        if (bytes.length == 4) {
            return bytes[3] == 127;
        }
        // ::1, or an IPv4 address mapped into IPv6; each word is written in the machine's (little-endian) order
        return address.equals("00000000000000000000000001000000")
                || (address.startsWith("0000000000000000FFFF0000") && bytes[15] == 127);
    }

    private List<String> socketInodes() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return descriptors
                    .map(ProcessFigures::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring("socket:[".length(), target.length() - 1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed between listing and reading
        }
    }

    private double statusKibibytes(String name) {
        return read(Path.of("/proc/" + pid + "/status"))
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " for process " + pid));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
