package io.inferwatch.collector.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;

/**
 * Follows the chunks of one body (RFC 9112 §7.1) without taking them out of their frames. It passes what is a size in plain
 * hexadecimal, its data and the line's end after it, and stops before anything else: the last chunk, an extension, what is wrong.
 * On its event loop.
 */
final class ChunkFrames {
    private static final int MOST_DIGITS = 7;
    private static final int LINE_END_BYTES = 2;

    private boolean isPassing;
    private boolean isBroken;
    private int dataLeft;
    private int lineEndLeft;
    private int[] dataBounds = new int[4];
    private int bounds;

    /** A chunked body begins. */
    void begin() {
        isPassing = true;
        isBroken = false;
        dataLeft = 0;
        lineEndLeft = 0;
    }

    /** Whether what comes next may pass; if not, somebody else reads it. */
    boolean isPassing() {
        return isPassing;
    }

    /** Whether a chunk was longer than it said: there is no telling what the bytes after it are. */
    boolean isBroken() {
        return isBroken;
    }

    /** @return how many of the bytes pass; {@link #dataOf} knows which of them are data */
    int pass(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        bounds = 0;
        int at = start;
        while (at < end && isPassing) {
            int next = dataLeft > 0 ? data(at, end, start) : lineEndLeft > 0 ? lineEnd(in, at) : size(in, at, end);
            if (next == at) {
                break;
            }
            at = next;
        }
        return at - start;
    }

    private int data(int at, int end, int start) {
        int length = Math.min(dataLeft, end - at);
        dataLeft -= length;
        if (bounds == dataBounds.length) {
            dataBounds = Arrays.copyOf(dataBounds, bounds * 2);
        }
        dataBounds[bounds++] = at - start;
        dataBounds[bounds++] = length;
        return at + length;
    }

    private int lineEnd(ByteBuf in, int at) {
        if (in.getByte(at) != (lineEndLeft == LINE_END_BYTES ? '\r' : '\n')) {
            isPassing = false;
            isBroken = true;
            return at;
        }
        lineEndLeft--;
        return at + 1;
    }

    /** @return where the line ends; {@code at} when it is not whole yet, or not one that passes */
    private int size(ByteBuf in, int at, int end) {
        int size = 0;
        int next = at;
        while (next < end && Character.digit(in.getByte(next), 16) >= 0 && next - at < MOST_DIGITS) {
            size = size * 16 + Character.digit(in.getByte(next++), 16);
        }
        boolean endsHere = next + LINE_END_BYTES <= end;
        boolean isLineEnd = endsHere && in.getByte(next) == '\r' && in.getByte(next + 1) == '\n';
        boolean mayCome = next == end || (next + 1 == end && in.getByte(next) == '\r');
        if (isLineEnd && size > 0) {
            dataLeft = size;
            lineEndLeft = LINE_END_BYTES;
            return next + LINE_END_BYTES;
        }
        isPassing = mayCome;
        return at;
    }

    /** @param passed what {@link #pass} passed last */
    byte[] dataOf(ByteBuf passed) {
        int length = 0;
        for (int i = 1; i < bounds; i += 2) {
            length += dataBounds[i];
        }
        if (bounds == 2) {
            return ByteBufUtil.getBytes(passed, passed.readerIndex() + dataBounds[0], length);
        }
        byte[] data = new byte[length];
        int to = 0;
        for (int i = 0; i < bounds; i += 2) {
            passed.getBytes(passed.readerIndex() + dataBounds[i], data, to, dataBounds[i + 1]);
            to += dataBounds[i + 1];
        }
        return data;
    }
}
