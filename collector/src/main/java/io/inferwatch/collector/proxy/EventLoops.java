package io.inferwatch.collector.proxy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that relay, shared by every proxy of the process: over the kernel's epoll where Netty's library for it can be
 * loaded, else over the JDK's selector, which takes more of a processor and does the same.
 */
public final class EventLoops {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);

    private final boolean isEpoll;
    private final EventLoopGroup group;

    public EventLoops(int threads) {
        this(threads, Epoll.isAvailable());
        if (!isEpoll) {
            LOG.info(
                    "streams are relayed by the JDK's selector, at more CPU time: {}",
                    String.valueOf(Epoll.unavailabilityCause()));
        }
    }

    EventLoops(int threads, boolean isEpoll) {
        this.isEpoll = isEpoll;
        this.group = new MultiThreadIoEventLoopGroup(
                threads,
                new DefaultThreadFactory("proxy", true),
                isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    EventLoopGroup group() {
        return group;
    }

    Class<? extends ServerChannel> listening() {
        return isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    Class<? extends Channel> connecting() {
        return isEpoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    public void stop(Duration patience) throws InterruptedException {
        group.shutdownGracefully(0, patience.toMillis(), TimeUnit.MILLISECONDS)
                .await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
