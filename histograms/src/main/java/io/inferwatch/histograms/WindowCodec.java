package io.inferwatch.histograms;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The row form of a window. Varints are little-endian groups of seven bits; "zigzag" folds the sign into the lowest bit.
 *
 * <pre>
 * 1         version, 1
 * 1         flags: 1 some samples were clamped, 2 exemplars follow
 * varint    smallest value, zigzag
 * varint    largest less smallest
 * varint    last less smallest
 * varint    time of the last, epoch ms, zigzag
 * varint    sum less count × smallest, up to 128 bits
 * [varint   clamped samples]
 * [varint   exemplars, then each: value less smallest, epoch ms (zigzag), length of the id, id in UTF-8]
 * tokens    the cells, as {@link PackedCells} has them, up to the end
 * </pre>
 *
 * Ten samples of a gauge take 25 to 35 bytes. There is no checksum: the database row that windows stand in has one, and
 * four random bytes a window would be a tenth of the disk.
 */
final class WindowCodec {
    private static final byte VERSION = 1;
    private static final int CLAMPED = 1;
    private static final int EXEMPLARS = 2;
    private static final int SHORTEST_BYTES = 2 + 5 + 1;
    private static final int LONGEST_BYTES = 2 << 20;
    private static final int FIXED_BYTES_AT_MOST = 2 + 6 * 10 + 19;

    private WindowCodec() {}

    static byte[] encode(WindowData data) {
        byte[] cells = data.packedCells();
        byte[][] ids = new byte[data.exemplars().size()][];
        int capacity = FIXED_BYTES_AT_MOST + cells.length;
        for (int i = 0; i < ids.length; i++) {
            ids[i] = data.exemplars().get(i).requestId().getBytes(StandardCharsets.UTF_8);
            capacity += 30 + ids[i].length;
        }
        byte[] out = new byte[capacity];
        int at = putHead(out, data);
        if (data.clampedCount() != 0) {
            at = PackedCells.putVarint(out, at, data.clampedCount());
        }
        if (ids.length != 0) {
            at = putExemplars(out, at, data, ids);
        }
        System.arraycopy(cells, 0, out, at, cells.length);
        return Arrays.copyOf(out, at + cells.length);
    }

    private static int putHead(byte[] out, WindowData data) {
        out[0] = VERSION;
        out[1] = (byte)
                ((data.clampedCount() != 0 ? CLAMPED : 0) | (data.exemplars().isEmpty() ? 0 : EXEMPLARS));
        long min = data.minScaled();
        int at = PackedCells.putVarint(out, 2, zigzag(min));
        at = PackedCells.putVarint(out, at, data.maxScaled() - min);
        at = PackedCells.putVarint(out, at, data.lastScaled() - min);
        at = PackedCells.putVarint(out, at, zigzag(data.lastEpochMillis()));
        WideSum above = data.sum().minus(WideSum.product(data.count(), min));
        long high = above.high();
        long low = above.low();
        while (high != 0 || (low & ~0x7FL) != 0) {
            out[at++] = (byte) (low | 0x80);
            low = (low >>> 7) | (high << 57);
            high >>>= 7;
        }
        out[at++] = (byte) low;
        return at;
    }

    private static int putExemplars(byte[] out, int from, WindowData data, byte[][] ids) {
        int at = PackedCells.putVarint(out, from, ids.length);
        for (int i = 0; i < ids.length; i++) {
            Exemplar exemplar = data.exemplars().get(i);
            at = PackedCells.putVarint(out, at, exemplar.scaledValue() - data.minScaled());
            at = PackedCells.putVarint(out, at, zigzag(exemplar.epochMillis()));
            at = PackedCells.putVarint(out, at, ids[i].length);
            System.arraycopy(ids[i], 0, out, at, ids[i].length);
            at += ids[i].length;
        }
        return at;
    }

    static WindowData decode(byte[] encoded) {
        if (encoded.length < SHORTEST_BYTES || encoded.length > LONGEST_BYTES) {
            throw damaged("it has " + encoded.length + " bytes");
        }
        return new Input(encoded, encoded.length).windowData();
    }

    static boolean hasExemplars(byte[] encoded) {
        return encoded.length >= SHORTEST_BYTES && (encoded[1] & EXEMPLARS) != 0;
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private static IllegalArgumentException damaged(String why) {
        return new IllegalArgumentException("a stored window cannot be read: " + why);
    }

    /** Believes nothing: a row whose checksum is right may have been written wrong. */
    private static final class Input {
        private final byte[] bytes;
        private final int end;
        private int at;

        Input(byte[] bytes, int end) {
            this.bytes = bytes;
            this.end = end;
        }

        WindowData windowData() {
            int version = bytes[at++];
            int flags = bytes[at++];
            require(version == VERSION, "version");
            require((flags & ~(CLAMPED | EXEMPLARS)) == 0, "flags");
            long min = signed();
            long max = plus(min, varint());
            long last = plus(min, varint());
            long lastEpochMillis = signed();
            require(min >= -Cells.HIGHEST_SCALED && max <= Cells.HIGHEST_SCALED, "range");
            require(last <= max, "last value");
            WideSum above = wide();
            long clamped = (flags & CLAMPED) == 0 ? 0 : varint();
            List<Exemplar> exemplars = (flags & EXEMPLARS) == 0 ? List.of() : exemplars(min, max);
            int cellsFrom = at;
            long count = countCells(Cells.of(min), Cells.of(max));
            require(!above.isAbove(WideSum.product(count, max - min)), "sum");
            require(clamped >= 0 && clamped <= count, "clamped count");
            return new WindowData(
                    count,
                    WideSum.product(count, min).plus(above),
                    min,
                    max,
                    last,
                    lastEpochMillis,
                    clamped,
                    exemplars,
                    Arrays.copyOfRange(bytes, cellsFrom, end));
        }

        private List<Exemplar> exemplars(long min, long max) {
            long number = varint();
            require(number >= 1 && number <= Exemplar.KEPT_PER_WINDOW, "number of exemplars");
            List<Exemplar> exemplars = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                long value = plus(min, varint());
                require(value <= max, "exemplar");
                long epochMillis = signed();
                long length = varint();
                require(length >= 0 && length <= end - at, "exemplar");
                exemplars.add(
                        new Exemplar(new String(bytes, at, (int) length, StandardCharsets.UTF_8), value, epochMillis));
                at += (int) length;
            }
            return List.copyOf(exemplars);
        }

        private long countCells(int firstCell, int lastCell) {
            long first = varint();
            require(first >>> 1 == 0, "cells");
            long count = (first & 1) == 0 ? 1 : plus(2, varint());
            long cell = firstCell;
            // Where reads of a day spend their time: so without a call for what most tokens are, one byte.
            while (at < end) {
                long token = bytes[at] >= 0 ? bytes[at++] : shortVarint();
                long distance = token >>> 1;
                if (distance == 0 || distance > lastCell - cell) {
                    throw damaged("its cells are wrong");
                }
                cell += distance;
                count = (token & 1) == 0 ? count + 1 : plus(count, plus(2, shortVarint()));
            }
            require(cell == lastCell && count > 0, "cells");
            return count;
        }

        /** As {@link #varint}; quick where it has one byte or two, as nearly all have. */
        private long shortVarint() {
            if (end - at < 2) {
                return varint();
            }
            int first = bytes[at];
            if (first >= 0) {
                at++;
                return first;
            }
            int second = bytes[at + 1];
            if (second < 0) {
                return varint();
            }
            at += 2;
            return (first & 0x7F) | (second << 7);
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                require(at < end, "length");
                byte next = bytes[at++];
                value |= (long) (next & 0x7F) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw damaged("its number is too long");
        }

        private WideSum wide() {
            long high = 0;
            long low = 0;
            for (int shift = 0; shift < 126; shift += 7) {
                require(at < end, "length");
                byte next = bytes[at++];
                long group = next & 0x7F;
                low |= shift < 64 ? group << shift : 0;
                high |= shift >= 64 ? group << (shift - 64) : shift > 57 ? group >>> (64 - shift) : 0;
                if (next >= 0) {
                    return new WideSum(high, low);
                }
            }
            throw damaged("its sum is too long");
        }

        private long signed() {
            long folded = varint();
            return (folded >>> 1) ^ -(folded & 1);
        }

        private long plus(long base, long more) {
            require(more >= 0 && base <= Long.MAX_VALUE - more, "size");
            return base + more;
        }

        private void require(boolean right, String what) {
            if (!right) {
                throw damaged("its " + what + " is wrong");
            }
        }
    }
}
