package io.inferwatch.collector.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.function.LongSupplier;

/** A proxy in front of a socket that the test answers at, and the records it keeps. */
final class ProxyRig {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final KeptRecords kept = new KeptRecords();
    final ServerSocket server;
    final Proxy proxy;
    private final EventLoops loops;

    /** @param nanos the proxy's clock */
    ProxyRig(LongSupplier nanos) throws IOException {
        this(nanos, new EventLoops(1));
    }

    ProxyRig(LongSupplier nanos, EventLoops loops) throws IOException {
        this.loops = loops;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        proxy = new Proxy(
                new ProxyTarget(
                        "llama", "127.0.0.1", 0, URI.create("http://127.0.0.1:" + server.getLocalPort()), false),
                kept.telemetry,
                loops,
                Duration.ofSeconds(30),
                nanos);
    }

    /** A connection to the proxy. */
    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort());
    }

    /** One with a request for a chat on it. */
    Socket client(String version, String body, String... headers) throws IOException {
        Socket client = connect();
        RawHttp.send(client, version, body, headers);
        return client;
    }

    void stop() throws IOException, InterruptedException {
        proxy.stop(Duration.ZERO);
        loops.stop(PATIENCE);
        server.close();
    }
}
