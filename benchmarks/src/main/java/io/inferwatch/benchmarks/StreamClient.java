package io.inferwatch.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** Reads many streams of {@link StreamServer} at once and says how long each token was on its way. One thread. */
final class StreamClient {
    private static final byte[] MARK = StreamServer.MARK.getBytes(StandardCharsets.ISO_8859_1);
    private static final String REQUEST =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 27\r\nConnection: close\r\n\r\n{\"model\":\"m\",\"stream\":true}";
    private static final int MOST_WAIT_MILLIS = 60_000;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    private long[] nanos = new long[1 << 16];
    private int count;
    private int ended;

    /** How far one stream has been read: bytes of the mark that fit, then digits of the stamp. */
    private static final class Reading {
        int marked;
        int digits;
        long stamp;
    }

    /** What many streams came to, in nanoseconds, sorted. */
    static final class Result {
        private final long[] sortedNanos;
        private final int streamsEnded;

        private Result(long[] sortedNanos, int streamsEnded) {
            this.sortedNanos = sortedNanos;
            this.streamsEnded = streamsEnded;
        }

        int tokens() {
            return sortedNanos.length;
        }

        int streamsEnded() {
            return streamsEnded;
        }

        double micros(double percent) {
            return sortedNanos[(int) Math.max(0, Math.ceil(percent / 100 * sortedNanos.length) - 1)] / 1e3;
        }
    }

    /** Opens the streams evenly over this time and reads them to their ends. */
    static Result read(int port, int streams, long spreadNanos) {
        return new StreamClient().run(port, streams, spreadNanos);
    }

    private Result run(int port, int streams, long spreadNanos) {
        try (Selector selector = Selector.open()) {
            long began = System.nanoTime();
            for (int i = 0; i < streams; i++) {
                while (System.nanoTime() - began < spreadNanos * i / streams) {
                    selector.selectNow(this::take);
                    LockSupport.parkNanos(20_000);
                }
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.write(ByteBuffer.wrap(REQUEST.getBytes(StandardCharsets.ISO_8859_1)));
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, new Reading());
            }
            while (ended < streams) {
                if (selector.select(this::take, MOST_WAIT_MILLIS) == 0) {
                    throw new IllegalStateException(ended + " of " + streams + " streams ended, then nothing came");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return new Result(sorted, ended);
    }

    private void take(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            buffer.clear();
            int length = channel.read(buffer);
            long now = System.nanoTime();
            if (length < 0) {
                channel.close();
                ended++;
                return;
            }
            buffer.flip();
            Reading reading = (Reading) key.attachment();
            while (buffer.hasRemaining()) {
                feed(reading, buffer.get(), now);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void feed(Reading reading, byte next, long now) {
        if (reading.marked < MARK.length) {
            reading.marked = next == MARK[reading.marked] ? reading.marked + 1 : next == MARK[0] ? 1 : 0;
            return;
        }
        reading.stamp = reading.stamp * 10 + (next - '0');
        if (++reading.digits == StreamServer.STAMP_DIGITS) {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, count * 2);
            }
            nanos[count++] = now - reading.stamp;
            reading.marked = 0;
            reading.digits = 0;
            reading.stamp = 0;
        }
    }
}
