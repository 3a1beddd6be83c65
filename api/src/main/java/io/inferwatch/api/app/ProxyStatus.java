package io.inferwatch.api.app;

import java.time.Instant;

/**
 * How one proxy is.
 *
 * @param process {@code sidecar}, or {@code own} for one that runs apart
 * @param inflight requests under way
 * @param oldestMicros how long the oldest of them has been, in µs
 * @param isUp whether the model server took the last connection that was asked for
 * @param dropped requests of all proxies of its process that were relayed and not measured
 * @param toldAt when this was so
 */
public record ProxyStatus(
        String server,
        String process,
        String listen,
        String upstream,
        long inflight,
        long oldestMicros,
        boolean isUp,
        long dropped,
        Instant toldAt) {}
