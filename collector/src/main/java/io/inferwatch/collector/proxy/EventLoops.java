package io.inferwatch.collector.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The threads that relay, shared by every proxy of the process. */
public final class EventLoops {
    private final EventLoopGroup group;

    public EventLoops(int threads) {
        this.group = new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("proxy", true), NioIoHandler.newFactory());
    }

    EventLoopGroup group() {
        return group;
    }

    public void stop(Duration patience) throws InterruptedException {
        group.shutdownGracefully(0, patience.toMillis(), TimeUnit.MILLISECONDS)
                .await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
