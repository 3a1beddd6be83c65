package io.inferwatch.gpu.host;

import java.util.Optional;

/**
 * A process as {@code /proc} shows it.
 *
 * @param parentPid 0 for the first
 * @param command {@code comm}, at most 15 characters
 * @param container the container's id, 64 hexadecimal digits, where its cgroup names one
 * @param pod the Kubernetes pod's UID, where its cgroup names one
 */
public record HostProcess(int pid, int parentPid, String command, Optional<String> container, Optional<String> pod) {}
