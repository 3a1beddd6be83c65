package io.inferwatch.gpu;

/** Takes what the probe has to tell; called by several threads at once, and may block only the caller. */
@FunctionalInterface
public interface GpuSink {
    void poll(GpuPoll poll);

    /** Once for each XID, at once. */
    default void xid(XidEvent event) {}
}
