package io.inferwatch.api.http;

import java.io.InputStream;
import java.util.Collections;
import java.util.Iterator;

/** Bytes that are made as they are read. Closed early, the rest is never made. One thread at a time. */
final class PiecesStream extends InputStream {
    private Iterator<byte[]> pieces;
    private byte[] piece = {};
    private int at;

    PiecesStream(Iterator<byte[]> pieces) {
        this.pieces = pieces;
    }

    private boolean hasMore() {
        while (at == piece.length && pieces.hasNext()) {
            piece = pieces.next();
            at = 0;
        }
        return at < piece.length;
    }

    @Override
    public int read() {
        return hasMore() ? piece[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int taken = Math.min(length, piece.length - at);
        System.arraycopy(piece, at, target, offset, taken);
        at += taken;
        return taken;
    }

    @Override
    public void close() {
        pieces = Collections.emptyIterator();
        piece = new byte[0];
        at = 0;
    }
}
