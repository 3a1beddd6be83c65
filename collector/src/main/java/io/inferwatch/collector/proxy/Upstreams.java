package io.inferwatch.collector.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Connections to the model server, those at rest kept for the next request. Each belongs to one event loop. */
final class Upstreams {
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(32 << 10, 64 << 10);
    private static final int MOST_AT_REST = 64;
    /** Uvicorn, which most model servers stand on, hangs up after 5 s; one that hangs up on a request loses it. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(2);

    /** What becomes of asking for a connection; on the event loop. */
    interface Asker {
        void connected(UpstreamHandler upstream);

        void notConnected(Throwable cause);
    }

    private final Relay relay;
    private final Class<? extends Channel> kind;
    private final Duration timeout;
    private final @Nullable SslContext tls;
    private final Map<EventLoop, Deque<UpstreamHandler>> atRest = new ConcurrentHashMap<>();
    /** Whether the model server took the last connection that was asked for. */
    private volatile boolean isUp = true;

    Upstreams(Relay relay, Class<? extends Channel> kind, Duration timeout) throws SSLException {
        this.relay = relay;
        this.kind = kind;
        this.timeout = timeout;
        this.tls = relay.target().isTls() ? SslContextBuilder.forClient().build() : null;
    }

    boolean isUp() {
        return isUp;
    }

    void ask(EventLoop loop, Asker asker) {
        Deque<UpstreamHandler> resting = resting(loop);
        for (UpstreamHandler rested = resting.pollLast(); rested != null; rested = resting.pollLast()) {
            if (rested.isActive()) {
                asker.connected(rested);
                return;
            }
        }
        ChannelFuture connecting = connect(loop);
        connecting.addListener(done -> {
            isUp = done.isSuccess();
            if (done.isSuccess()) {
                asker.connected(connecting.channel().pipeline().get(UpstreamHandler.class));
            } else {
                asker.notConnected(done.cause());
            }
        });
    }

    /** Sees whether the model server takes a connection, when no request tells. */
    void probe(EventLoop loop) {
        ChannelFuture connecting = connect(loop);
        connecting.addListener(done -> {
            isUp = done.isSuccess();
            Wire.close(connecting.channel());
        });
    }

    /** Keeps a connection for the next request. On its event loop. */
    void rest(UpstreamHandler upstream, Channel channel) {
        Deque<UpstreamHandler> resting = resting(channel.eventLoop());
        if (resting.size() >= MOST_AT_REST || relay.isDraining()) {
            Wire.close(channel);
            return;
        }
        resting.addLast(upstream);
        long turn = upstream.turn();
        var unused = channel.eventLoop()
                .schedule(
                        () -> {
                            if (upstream.turn() == turn && resting.remove(upstream)) {
                                Wire.close(channel);
                            }
                        },
                        LONGEST_REST.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** A connection at rest was hung up. */
    void gone(UpstreamHandler upstream, EventLoop loop) {
        resting(loop).remove(upstream);
    }

    private Deque<UpstreamHandler> resting(EventLoop loop) {
        return atRest.computeIfAbsent(loop, any -> new ArrayDeque<>());
    }

    private ChannelFuture connect(EventLoop loop) {
        ProxyTarget target = relay.target();
        return new Bootstrap()
                .group(loop)
                .channel(kind)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Proxy.CONNECT_PATIENCE.toMillis())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        ReadClock clock = relay.newClock();
                        channel.pipeline().addLast(clock);
                        if (tls != null) {
                            channel.pipeline()
                                    .addLast(tls.newHandler(
                                            channel.alloc(), target.upstreamHost(), target.upstreamPort()));
                        }
                        AnswerDecoder decoder = new AnswerDecoder();
                        channel.pipeline()
                                .addLast(
                                        new IdleStateHandler(0, 0, timeout.toMillis(), TimeUnit.MILLISECONDS),
                                        new HttpRequestEncoder(),
                                        decoder,
                                        new UpstreamHandler(channel, Upstreams.this, clock, decoder));
                    }
                })
                .connect(target.upstreamHost(), target.upstreamPort());
    }
}
