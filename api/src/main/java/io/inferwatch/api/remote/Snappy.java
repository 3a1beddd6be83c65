package io.inferwatch.api.remote;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The block format of Snappy (google/snappy, format_description.txt): the length, then literals and copies of what came at
 * most 64 KiB before. One pass, each four bytes looked up where they stood last. Pure.
 */
final class Snappy {
    private static final int BLOCK = 1 << 16;
    private static final int TABLE_BITS = 14;
    private static final int LEAST_MATCH = 4;
    private static final int MOST_COPY = 64;
    private static final int TINY_LITERAL = 60;

    private Snappy() {}

    static byte[] compress(byte[] input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(input.length / 4 + 16);
        int length = input.length;
        while ((length & ~0x7F) != 0) {
            out.write((length & 0x7F) | 0x80);
            length >>>= 7;
        }
        out.write(length);
        int[] table = new int[1 << TABLE_BITS];
        for (int from = 0; from < input.length; from += BLOCK) {
            compressBlock(input, from, Math.min(input.length, from + BLOCK), table, out);
        }
        return out.toByteArray();
    }

    private static void compressBlock(byte[] input, int from, int to, int[] table, ByteArrayOutputStream out) {
        Arrays.fill(table, -1);
        int literal = from;
        int at = from;
        while (at + LEAST_MATCH <= to) {
            int four = four(input, at);
            int slot = (four * 0x1E35A7BD) >>> (32 - TABLE_BITS);
            int candidate = table[slot];
            table[slot] = at;
            if (candidate < 0 || four(input, candidate) != four) {
                at++;
                continue;
            }
            literal(input, literal, at, out);
            int matched = LEAST_MATCH;
            while (at + matched < to && input[candidate + matched] == input[at + matched]) {
                matched++;
            }
            copy(at - candidate, matched, out);
            at += matched;
            literal = at;
        }
        literal(input, literal, to, out);
    }

    private static int four(byte[] input, int at) {
        return (input[at] & 0xFF)
                | ((input[at + 1] & 0xFF) << 8)
                | ((input[at + 2] & 0xFF) << 16)
                | ((input[at + 3] & 0xFF) << 24);
    }

    private static void literal(byte[] input, int from, int to, ByteArrayOutputStream out) {
        int length = to - from;
        if (length == 0) {
            return;
        }
        if (length <= TINY_LITERAL) {
            out.write((length - 1) << 2);
        } else if (length <= 256) {
            out.write(60 << 2);
            out.write(length - 1);
        } else {
            out.write(61 << 2);
            out.write(length - 1);
            out.write((length - 1) >>> 8);
        }
        out.write(input, from, length);
    }

    private static void copy(int offset, int length, ByteArrayOutputStream out) {
        for (int left = length; left > 0; ) {
            int part = Math.min(left, MOST_COPY);
            out.write(((part - 1) << 2) | 2);
            out.write(offset);
            out.write(offset >>> 8);
            left -= part;
        }
    }
}
