package io.inferwatch.api.backup;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The 512 bytes before each file of a tar: POSIX ustar, {@code pax(1)}, and GNU's binary numbers for files from 8 GiB on.
 *
 * @param name at most 100 bytes of ASCII, relative, slashes between the parts
 * @param sizeBytes of the file
 */
public record TarHeader(String name, long sizeBytes) {
    static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_BYTES = 12;
    private static final int CHECKSUM_AT = 148;
    private static final int CHECKSUM_BYTES = 8;
    private static final long FIRST_BINARY = 1L << 33;

    public TarHeader {
        if (name.isEmpty()
                || name.length() > NAME_BYTES
                || !StandardCharsets.US_ASCII.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException("tar: \"" + name + "\" is no name of 1 to 100 ASCII characters");
        }
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("tar: " + name + " has " + sizeBytes + " bytes");
        }
    }

    /** @param epochSeconds when the file was made */
    byte[] encode(long epochSeconds) {
        byte[] block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, "0000600\0");
        put(block, 108, "0000000\0");
        put(block, 116, "0000000\0");
        putSize(block);
        put(block, 136, "%011o\0".formatted(epochSeconds));
        block[156] = '0';
        put(block, 257, "ustar\00000");
        put(block, CHECKSUM_AT, "%06o\0 ".formatted(checksum(block)));
        return block;
    }

    private void putSize(byte[] block) {
        if (sizeBytes < FIRST_BINARY) {
            put(block, SIZE_AT, "%011o\0".formatted(sizeBytes));
            return;
        }
        block[SIZE_AT] = (byte) 0x80;
        for (int i = 0; i < Long.BYTES; i++) {
            block[SIZE_AT + SIZE_BYTES - 1 - i] = (byte) (sizeBytes >>> (8 * i));
        }
    }

    /**
     * @return empty for the block of zeros that ends a tar
     * @throws IllegalArgumentException when it is no header of a plain file
     */
    static Optional<TarHeader> decode(byte[] block) {
        if (Arrays.equals(block, new byte[BLOCK])) {
            return Optional.empty();
        }
        if (octal(block, CHECKSUM_AT, CHECKSUM_BYTES) != checksum(block)) {
            throw new IllegalArgumentException("tar: damaged: a header's checksum is wrong");
        }
        String name = text(block, 0, NAME_BYTES);
        if (block[156] != '0') {
            throw new IllegalArgumentException("tar: \"" + name + "\" is no plain file");
        }
        return Optional.of(new TarHeader(name, size(block)));
    }

    private static long size(byte[] block) {
        if ((block[SIZE_AT] & 0x80) == 0) {
            return octal(block, SIZE_AT, SIZE_BYTES);
        }
        long size = 0;
        for (int i = SIZE_AT + SIZE_BYTES - Long.BYTES; i < SIZE_AT + SIZE_BYTES; i++) {
            size = (size << 8) | (block[i] & 0xFF);
        }
        return size;
    }

    /** Zeros behind the file, up to the next block. */
    int padding() {
        return (int) ((BLOCK - sizeBytes % BLOCK) % BLOCK);
    }

    /** Of all bytes, those of the checksum itself taken as blanks. */
    private static int checksum(byte[] block) {
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            boolean isOwn = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_BYTES;
            sum += isOwn ? ' ' : block[i] & 0xFF;
        }
        return sum;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private static String text(byte[] block, int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.US_ASCII);
    }

    private static long octal(byte[] block, int at, int length) {
        String digits = text(block, at, length).strip();
        if (!digits.matches("[0-7]{1,21}")) {
            throw new IllegalArgumentException("tar: damaged: \"" + digits + "\" is no octal number");
        }
        return Long.parseLong(digits, 8);
    }
}
