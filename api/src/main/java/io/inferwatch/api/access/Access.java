package io.inferwatch.api.access;

import java.util.Optional;

/**
 * What every call is judged by.
 *
 * @param statusPort the port of the plain status listener, where there is one
 */
public record Access(Tokens tokens, HostAllowList hosts, Optional<Integer> statusPort) {}
