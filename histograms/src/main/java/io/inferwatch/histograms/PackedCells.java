package io.inferwatch.histograms;

import java.util.Arrays;

/**
 * Cells with their counts as bytes, ascending. One token a cell: a varint of (distance to the cell before) × 2, plus 1
 * when more than one sample is in it, and then the count less 2 as a varint. The first distance is counted from the cell
 * of the smallest value and so 0. 200 latencies take about 250 bytes.
 */
final class PackedCells {
    private byte[] bytes;
    private int size;
    private int previous;

    /** @param firstCell the cell of the smallest value */
    PackedCells(int firstCell, int expectedBytes) {
        this.previous = firstCell;
        this.bytes = new byte[Math.max(8, expectedBytes)];
    }

    void append(int cell, long count) {
        if (bytes.length - size < 20) {
            bytes = Arrays.copyOf(bytes, bytes.length * 2 + 20);
        }
        long token = (long) (cell - previous) << 1;
        if (count == 1) {
            size = putVarint(bytes, size, token);
        } else {
            size = putVarint(bytes, size, token | 1);
            size = putVarint(bytes, size, count - 2);
        }
        previous = cell;
    }

    byte[] toBytes() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    static int putVarint(byte[] target, int at, long value) {
        int next = at;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            target[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[next++] = (byte) rest;
        return next;
    }

    /** Walks packed cells that are known to be whole. */
    static final class Cursor {
        private final byte[] bytes;
        private int at;
        private int cell;
        private long count;

        Cursor(byte[] bytes, int firstCell) {
            this.bytes = bytes;
            this.cell = firstCell;
        }

        boolean next() {
            if (at == bytes.length) {
                return false;
            }
            long token = varint();
            cell += (int) (token >>> 1);
            count = (token & 1) == 0 ? 1 : varint() + 2;
            return true;
        }

        int cell() {
            return cell;
        }

        long count() {
            return count;
        }

        private long varint() {
            byte first = bytes[at++];
            if (first >= 0) {
                return first;
            }
            byte second = bytes[at++];
            if (second >= 0) {
                return (first & 0x7F) | (second << 7);
            }
            long value = (first & 0x7F) | ((second & 0x7F) << 7);
            for (int shift = 14; ; shift += 7) {
                byte next = bytes[at++];
                value |= (long) (next & 0x7F) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }
    }
}
