package io.inferwatch.collector.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Stands in for one model server: takes its clients' requests over HTTP/1.1 and relays them, and every byte of the answers, as
 * they come. Any thread.
 */
public final class Proxy {
    static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);
    private static final int BACKLOG = 1_024;
    private static final Duration DRAIN_LOOK = Duration.ofMillis(20);

    private final Relay relay;
    private final Upstreams upstreams;
    private final EventLoopGroup loops;
    private final Channel listening;
    private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /**
     * Starts to listen.
     *
     * @param timeout how long the model server may say nothing in the middle of a request
     * @param nanos the clock of every duration
     * @throws IOException naming the address, when it cannot be listened at
     */
    public Proxy(ProxyTarget target, ProxyTelemetry telemetry, EventLoops loops, Duration timeout, LongSupplier nanos)
            throws IOException {
        this.relay = new Relay(target, telemetry, nanos);
        this.upstreams = new Upstreams(relay, loops.connecting(), timeout);
        this.loops = loops.group();
        this.listening = listen(target, loops.listening());
    }

    private Channel listen(ProxyTarget target, Class<? extends ServerChannel> kind) throws IOException {
        var bound = new ServerBootstrap()
                .group(loops)
                .channel(kind)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Upstreams.WATER_MARK)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        clients.add(channel);
                        if (relay.isDraining()) {
                            // Accepted just before the stop, which may have passed it by.
                            Wire.close(channel);
                            return;
                        }
                        ReadClock clock = relay.newClock();
                        AnswerEncoder encoder = new AnswerEncoder();
                        channel.pipeline().addLast(clock, new HttpRequestDecoder(AnswerDecoder.config()), encoder);
                        if (target.injectsUsage()) {
                            channel.pipeline().addLast(new UsageInjector());
                        }
                        channel.pipeline().addLast(new ClientHandler(channel, relay, upstreams, clock, encoder));
                    }
                })
                .bind(target.listenAddress())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "proxy.listen of \"" + target.server() + "\": cannot listen at " + target.listenHost() + ":"
                            + target.listenPort() + "; free the port, or choose another",
                    bound.cause());
        }
        return bound.channel();
    }

    public ProxyTarget target() {
        return relay.target();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** Requests for inference that are under way. */
    public int inflight() {
        return relay.inflight();
    }

    /** How long the oldest of them has been under way, in ns; 0 when there is none. */
    public long oldestNanos() {
        return relay.oldestNanos();
    }

    /** Whether the model server took the last connection that was asked for. */
    public boolean isUp() {
        return upstreams.isUp();
    }

    /** Asks for a connection to the model server, to see whether it takes one; {@link #isUp} says so soon after. */
    public void probe() {
        upstreams.probe(loops.next());
    }

    /** Takes no more connections: from now on another may listen at its address. */
    public void stopListening() {
        listening.close().awaitUninterruptibly(CONNECT_PATIENCE.toMillis());
    }

    /**
     * Takes no more requests, lets those under way end, then hangs up.
     *
     * @param patience how long they may take
     * @return how many were cut, measured or not, WebSockets among them
     */
    public int stop(Duration patience) throws InterruptedException {
        relay.drain();
        listening.close().await(patience.toMillis(), TimeUnit.MILLISECONDS);
        clients.forEach(client -> onItsLoop(client, Proxy::closeAtRest));
        for (long waited = 0; waited < patience.toMillis() && !clients.isEmpty(); waited += DRAIN_LOOK.toMillis()) {
            Thread.sleep(DRAIN_LOOK);
        }
        AtomicInteger cut = new AtomicInteger();
        clients.forEach(client -> onItsLoop(client, open -> {
            cut(open);
            cut.incrementAndGet();
        }));
        clients.close().await(CONNECT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        return cut.get();
    }

    private static void onItsLoop(Channel client, Consumer<Channel> action) {
        client.eventLoop().execute(() -> {
            if (client.isActive()) {
                action.accept(client);
            }
        });
    }

    private static void closeAtRest(Channel client) {
        ClientHandler handler = client.pipeline().get(ClientHandler.class);
        if (handler != null && handler.isAtRest()) {
            Wire.close(client);
        }
    }

    private static void cut(Channel client) {
        ClientHandler handler = client.pipeline().get(ClientHandler.class);
        if (handler != null) {
            handler.cut();
        }
        Wire.close(client);
    }
}
