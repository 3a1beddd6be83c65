package io.inferwatch.collector.discovery;

import java.net.URI;

/**
 * A model server that was found.
 *
 * @param name the engine and the port, such as {@code vllm-8000}: the same again after the server was restarted
 * @param port of this host it listens on
 * @param address of its metrics page, on the loopback interface
 * @param pid the process that listens
 * @param startTicks when that process began, in clock ticks since the machine started
 * @param command its name
 */
public record FoundServer(String name, int port, URI address, int pid, long startTicks, String command) {}
