package io.inferwatch.histograms.store;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;

/**
 * Builds the bytes of a row.
 *
 * <pre>
 * version   1 byte
 * CRC32C    4 bytes, big endian, of all that follows
 * length    varint, of the content before it was deflated
 * content   deflated
 * </pre>
 *
 * Varints are little endian, seven bits a byte.
 */
final class RowWriter {
    static final int HEADER_BYTES = 5;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream(1024);

    RowWriter number(long value) {
        writeVarint(content, value);
        return this;
    }

    RowWriter raw(byte[] bytes) {
        return raw(bytes, 0, bytes.length);
    }

    /** @param to exclusive */
    RowWriter raw(byte[] bytes, int from, int to) {
        content.write(bytes, from, to - from);
        return this;
    }

    RowWriter bytes(byte[] bytes) {
        return number(bytes.length).raw(bytes);
    }

    RowWriter text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] plain() {
        return content.toByteArray();
    }

    /** @param level of {@link Deflater} */
    byte[] sealed(int version, int level) {
        byte[] plain = content.toByteArray();
        ByteArrayOutputStream sealed = new ByteArrayOutputStream(plain.length / 2 + 64);
        sealed.write(version);
        sealed.write(new byte[4], 0, 4);
        writeVarint(sealed, plain.length);
        deflate(plain, level, sealed);
        byte[] row = sealed.toByteArray();
        int crc = crcOf(row);
        for (int i = 0; i < 4; i++) {
            row[1 + i] = (byte) (crc >>> (24 - 8 * i));
        }
        return row;
    }

    static int crcOf(byte[] row) {
        CRC32C crc = new CRC32C();
        crc.update(row, HEADER_BYTES, row.length - HEADER_BYTES);
        return (int) crc.getValue();
    }

    private static void deflate(byte[] plain, int level, ByteArrayOutputStream into) {
        Deflater deflater = new Deflater(level, true);
        try {
            deflater.setInput(plain);
            deflater.finish();
            byte[] chunk = new byte[Math.min(8192, plain.length + 64)];
            while (!deflater.finished()) {
                into.write(chunk, 0, deflater.deflate(chunk));
            }
        } finally {
            deflater.end();
        }
    }

    private static void writeVarint(ByteArrayOutputStream into, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            into.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        into.write((int) rest);
    }
}
