package io.inferwatch.histograms;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The row form of a window of bucket counts.
 *
 * <pre>
 * 1         version, 2
 * 1         flags, 0
 * varint    time of the last reading, epoch ms, zigzag
 * varint    parts, then each:
 *   1         how bounds are written: 0–9 as whole numbers of 10⁻ⁿ steps, 255 as doubles
 *   varint    bounds, then each: varint, what it is above the one before; or 8 bytes, little endian
 *   varint    counts, one more than there are bounds, each
 *   8         sum, a double, little endian; NaN where it is not known
 * </pre>
 *
 * vLLM's 22 bounds and a few requests take 90 bytes.
 */
final class BracketCodec {
    static final byte VERSION = 2;
    private static final int MOST_DECIMALS = 9;
    private static final int AS_DOUBLES = 255;
    private static final int MOST_PARTS = 64;
    private static final double HIGHEST_WHOLE = 1L << 53;

    private BracketCodec() {}

    static byte[] encode(Brackets brackets, long lastEpochMillis) {
        int capacity = 32;
        for (BracketPart part : brackets.parts()) {
            capacity += 32 + 20 * part.counts().length;
        }
        byte[] out = new byte[capacity];
        out[0] = VERSION;
        int at = PackedCells.putVarint(out, 2, (lastEpochMillis << 1) ^ (lastEpochMillis >> 63));
        at = PackedCells.putVarint(out, at, brackets.parts().size());
        for (BracketPart part : brackets.parts()) {
            at = putBounds(out, at, part.bounds());
            for (long count : part.counts()) {
                at = PackedCells.putVarint(out, at, count);
            }
            at = putDouble(out, at, part.sum());
        }
        return Arrays.copyOf(out, at);
    }

    private static int putBounds(byte[] out, int from, double[] bounds) {
        long @Nullable [] whole = null;
        int decimals = 0;
        while (whole == null && decimals <= MOST_DECIMALS) {
            whole = wholeNumbers(bounds, decimals);
            decimals += whole == null ? 1 : 0;
        }
        out[from] = (byte) (whole == null ? AS_DOUBLES : decimals);
        int at = PackedCells.putVarint(out, from + 1, bounds.length);
        long before = 0;
        for (int i = 0; i < bounds.length; i++) {
            if (whole == null) {
                at = putDouble(out, at, bounds[i]);
            } else {
                at = PackedCells.putVarint(out, at, whole[i] - before);
                before = whole[i];
            }
        }
        return at;
    }

    private static long @Nullable [] wholeNumbers(double[] bounds, int decimals) {
        double factor = Math.pow(10, decimals);
        long[] whole = new long[bounds.length];
        for (int i = 0; i < bounds.length; i++) {
            double scaled = Math.rint(bounds[i] * factor);
            if (scaled > HIGHEST_WHOLE || scaled / factor != bounds[i]) {
                return null;
            }
            whole[i] = (long) scaled;
        }
        return whole;
    }

    private static int putDouble(byte[] out, int at, double value) {
        long bits = Double.doubleToLongBits(value);
        for (int i = 0; i < Double.BYTES; i++) {
            out[at + i] = (byte) (bits >>> (8 * i));
        }
        return at + Double.BYTES;
    }

    static WindowData decode(byte[] encoded) {
        return new Input(encoded).windowData();
    }

    /** Believes nothing: a row whose checksum is right may have been written wrong. */
    private static final class Input {
        private final byte[] bytes;
        private int at = 2;

        Input(byte[] bytes) {
            this.bytes = bytes;
        }

        WindowData windowData() {
            require(bytes[1] == 0, "flags");
            long folded = varint();
            long lastEpochMillis = (folded >>> 1) ^ -(folded & 1);
            long number = varint();
            require(number >= 1 && number <= MOST_PARTS, "number of parts");
            List<BracketPart> parts = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                parts.add(part());
            }
            require(at == bytes.length, "length");
            try {
                return WindowData.ofBrackets(new Brackets(parts), lastEpochMillis);
            } catch (ArithmeticException e) {
                throw damaged("count");
            }
        }

        private BracketPart part() {
            int form = singleByte();
            require(form <= MOST_DECIMALS || form == AS_DOUBLES, "form of bounds");
            long number = varint();
            require(number >= 0 && number <= bytes.length - at, "number of bounds");
            double[] bounds = new double[(int) number];
            double factor = Math.pow(10, form == AS_DOUBLES ? 0 : form);
            long whole = 0;
            for (int i = 0; i < bounds.length; i++) {
                if (form == AS_DOUBLES) {
                    bounds[i] = number();
                } else {
                    whole += varint();
                    bounds[i] = whole / factor;
                }
                require(
                        bounds[i] >= 0 && Double.isFinite(bounds[i]) && (i == 0 || bounds[i] > bounds[i - 1]),
                        "bounds");
            }
            long[] counts = new long[bounds.length + 1];
            long all = 0;
            for (int i = 0; i < counts.length; i++) {
                counts[i] = varint();
                require(counts[i] >= 0 && counts[i] <= Tally.HIGHEST_CELL_COUNT, "counts");
                all += counts[i];
            }
            require(all >= 1, "counts");
            return new BracketPart(bounds, counts, number(), all);
        }

        private int singleByte() {
            require(at < bytes.length, "length");
            return bytes[at++] & 0xFF;
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                int next = singleByte();
                value |= (long) (next & 0x7F) << shift;
                if (next < 0x80) {
                    return value;
                }
            }
            throw damaged("number");
        }

        private double number() {
            long bits = 0;
            for (int i = 0; i < Double.BYTES; i++) {
                bits |= (long) singleByte() << (8 * i);
            }
            return Double.longBitsToDouble(bits);
        }

        private static void require(boolean right, String what) {
            if (!right) {
                throw damaged(what);
            }
        }

        private static IllegalArgumentException damaged(String what) {
            return new IllegalArgumentException("a stored window cannot be read: its " + what + " is wrong");
        }
    }
}
