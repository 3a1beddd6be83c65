package io.inferwatch.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A model server that streams tokens at an even pace, each with the moment at which it was written: what reads the token knows how
 * long it was on its way. One thread serves every stream.
 */
final class StreamServer implements AutoCloseable {
    static final String MARK = "\"content\":\"";
    static final int STAMP_DIGITS = 19;

    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    private static final String END = "data: [DONE]\n\n";
    private static final int REQUEST_MOST = 4_096;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MOST_WAIT_NANOS = 100 * NANOS_PER_MILLI;

    private final Selector selector;
    private final ServerSocketChannel listener;
    private final long gapNanos;
    private final int chunks;
    private final PriorityQueue<Stream> due = new PriorityQueue<>(Comparator.comparingLong(stream -> stream.nextNanos));
    private final Thread thread;
    private volatile boolean isClosing;

    private static final class Stream {
        final SocketChannel channel;
        long nextNanos;
        int sent;

        Stream(SocketChannel channel, long nextNanos) {
            this.channel = channel;
            this.nextNanos = nextNanos;
        }
    }

    /** Streams of so many tokens, one every so many nanoseconds. */
    StreamServer(int chunks, long gapNanos) {
        this.chunks = chunks;
        this.gapNanos = gapNanos;
        try {
            selector = Selector.open();
            listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4_096);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = Thread.ofPlatform().name("stream-server").daemon().start(this::run);
    }

    int port() {
        return listener.socket().getLocalPort();
    }

    private void run() {
        try {
            while (!isClosing) {
                Stream first = due.peek();
                long waitNanos = first == null ? MOST_WAIT_NANOS : first.nextNanos - System.nanoTime();
                if (waitNanos >= NANOS_PER_MILLI) {
                    selector.select(this::serve, waitNanos / NANOS_PER_MILLI);
                } else {
                    // A server that spun until the next token would take a processor from what is measured.
                    LockSupport.parkNanos(waitNanos);
                    selector.selectNow(this::serve);
                }
                send();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("UnnecessaryStringBuilder") // what is read goes into it, of each connection into its own
    private void serve(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                SocketChannel channel = listener.accept();
                if (channel != null) {
                    channel.configureBlocking(false);
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    StringBuilder request = new StringBuilder();
                    channel.register(selector, SelectionKey.OP_READ, request);
                }
                return;
            }
            read(key);
        } catch (IOException e) {
            key.cancel();
        }
    }

    private void read(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        ByteBuffer buffer = ByteBuffer.allocate(REQUEST_MOST);
        if (channel.read(buffer) < 0) {
            channel.close();
            return;
        }
        StringBuilder request = (StringBuilder) key.attachment();
        request.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
        if (request.indexOf("\r\n\r\n") >= 0 && request.charAt(request.length() - 1) == '}') {
            request.setLength(0);
            channel.write(ByteBuffer.wrap(HEAD.getBytes(StandardCharsets.ISO_8859_1)));
            due.add(new Stream(channel, System.nanoTime() + gapNanos));
        }
    }

    private void send() throws IOException {
        for (Stream next = due.peek(); next != null && next.nextNanos - System.nanoTime() <= 0; next = due.peek()) {
            due.remove();
            try {
                if (next.sent++ < chunks) {
                    write(
                            next.channel,
                            "data: {\"model\":\"m\",\"choices\":[{\"delta\":{" + MARK
                                    + String.format("%0" + STAMP_DIGITS + "d", System.nanoTime()) + "\"}}]}\n\n");
                    next.nextNanos += gapNanos;
                    due.add(next);
                } else {
                    write(next.channel, END);
                    next.channel.write(ByteBuffer.wrap("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1)));
                    next.channel.close();
                }
            } catch (IOException gone) {
                next.channel.close();
            }
        }
    }

    private static void write(SocketChannel channel, String event) throws IOException {
        String chunk = Integer.toHexString(event.length()) + "\r\n" + event + "\r\n";
        channel.write(ByteBuffer.wrap(chunk.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Override
    public void close() {
        isClosing = true;
        selector.wakeup();
        try {
            thread.join();
            selector.close();
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
