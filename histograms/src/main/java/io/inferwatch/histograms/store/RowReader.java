package io.inferwatch.histograms.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads what {@link RowWriter} wrote. Bytes that are not whole and unharmed are refused before anything is made of them. */
final class RowReader {
    private static final int MAX_CONTENT_BYTES = 256 << 20;
    private final byte[] content;
    private int at;

    private RowReader(byte[] content) {
        this.content = content;
    }

    static RowReader plain(byte[] content) {
        return new RowReader(content);
    }

    /** @throws CorruptRowException when the bytes are not such a row of this version, whole and unharmed */
    static RowReader sealed(byte[] row, int version) {
        if (row.length <= RowWriter.HEADER_BYTES || row[0] != version) {
            throw new CorruptRowException("not a row of version " + version);
        }
        int crc = 0;
        for (int i = 1; i < RowWriter.HEADER_BYTES; i++) {
            crc = (crc << 8) | (row[i] & 0xFF);
        }
        if (crc != RowWriter.crcOf(row)) {
            throw new CorruptRowException("checksum does not fit");
        }
        RowReader header = new RowReader(row);
        header.at = RowWriter.HEADER_BYTES;
        long length = header.number();
        if (length < 0 || length > MAX_CONTENT_BYTES) {
            throw new CorruptRowException("length " + length);
        }
        return new RowReader(inflate(row, header.at, (int) length));
    }

    private static byte[] inflate(byte[] row, int from, int length) {
        Inflater inflater = new Inflater(true);
        try {
            byte[] content = new byte[length];
            inflater.setInput(row, from, row.length - from);
            int filled = 0;
            while (filled < length) {
                int more = inflater.inflate(content, filled, length - filled);
                if (more == 0) {
                    throw new CorruptRowException("ends after " + filled + " of " + length + " bytes");
                }
                filled += more;
            }
            return content;
        } catch (DataFormatException damaged) {
            throw new CorruptRowException(String.valueOf(damaged.getMessage()));
        } finally {
            inflater.end();
        }
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= content.length) {
                throw new CorruptRowException("ends inside a number");
            }
            byte next = content[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new CorruptRowException("number of more than 64 bits");
    }

    int count() {
        long value = number();
        if (value < 0 || value > content.length) {
            throw new CorruptRowException("count " + value + " in " + content.length + " bytes");
        }
        return (int) value;
    }

    byte[] raw(int length) {
        if (length > content.length - at) {
            throw new CorruptRowException("ends inside a value");
        }
        at += length;
        return Arrays.copyOfRange(content, at - length, at);
    }

    /** @param to exclusive */
    void fill(byte[] target, int from, int to) {
        if (to - from > content.length - at) {
            throw new CorruptRowException("ends inside a value");
        }
        System.arraycopy(content, at, target, from, to - from);
        at += to - from;
    }

    /** That byte of each that is so long. */
    void fillColumn(byte[][] targets, int index) {
        for (byte[] target : targets) {
            if (index < target.length) {
                if (at >= content.length) {
                    throw new CorruptRowException("ends inside a value");
                }
                target[index] = content[at++];
            }
        }
    }

    byte[] bytes() {
        return raw(count());
    }

    void skipBytes() {
        int length = count();
        if (length > content.length - at) {
            throw new CorruptRowException("ends inside a value");
        }
        at += length;
    }

    String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }
}
