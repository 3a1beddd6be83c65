package io.inferwatch.gpu.host;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Container and pod from {@code /proc/<pid>/cgroup}, of version 1 and 2 and of the runtimes seen: containerd, CRI-O and
 * Docker, with the cgroupfs and the systemd driver ({@code …/kubepods-burstable-pod<uid with _>.slice/
 * cri-containerd-<id>.scope}, {@code …/kubepods/pod<uid>/<id>}, {@code /docker/<id>}). Pure.
 */
record Cgroup(Optional<String> container, Optional<String> pod) {
    private static final Pattern CONTAINER = Pattern.compile("(?<![0-9a-f])([0-9a-f]{64})(?![0-9a-f])");
    private static final Pattern POD =
            Pattern.compile("pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})");

    /** @param text the whole file */
    static Cgroup parsed(String text) {
        return new Cgroup(last(CONTAINER, text), last(POD, text).map(uid -> uid.replace('_', '-')));
    }

    /** The innermost: a container may run within another. */
    private static Optional<String> last(Pattern pattern, String text) {
        return text.lines().findFirst().isEmpty()
                ? Optional.empty()
                : text.lines()
                        .flatMap(line -> pattern.matcher(line).results().reduce((outer, inner) -> inner).stream())
                        .map(found -> found.group(1))
                        .findFirst();
    }

    /** Field 22 of {@code /proc/<pid>/stat}: the twentieth after the name. */
    static OptionalLong startTicks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        try {
            return fields.length > 19 ? OptionalLong.of(Long.parseLong(fields[19])) : OptionalLong.empty();
        } catch (NumberFormatException garbage) {
            return OptionalLong.empty();
        }
    }

    static Optional<Integer> parentPid(String stat) {
        // The name in parentheses may hold blanks and parentheses itself.
        Matcher after = Pattern.compile("\\) \\S (\\d+) ").matcher(stat.substring(Math.max(0, stat.lastIndexOf(')'))));
        return after.find() ? Optional.of(Integer.parseInt(after.group(1))) : Optional.empty();
    }
}
