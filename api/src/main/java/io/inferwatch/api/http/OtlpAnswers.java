package io.inferwatch.api.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The two protobuf messages OTLP is answered with. */
final class OtlpAnswers {
    private static final int DELIMITED = 2;

    private OtlpAnswers() {}

    /**
     * {@code ExportTraceServiceResponse} and {@code ExportMetricsServiceResponse}: 1 partial_success {1 rejected_spans or
     * rejected_data_points, 2 error_message}; empty on full success. A message with nothing rejected is a warning.
     */
    static byte[] exported(long rejected, String message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (!message.isEmpty()) {
            ByteArrayOutputStream partial = new ByteArrayOutputStream();
            if (rejected > 0) {
                partial.write(1 << 3);
                varint(partial, rejected);
            }
            bytes(partial, 2, message.getBytes(StandardCharsets.UTF_8));
            bytes(out, 1, partial.toByteArray());
        }
        return out.toByteArray();
    }

    /** {@code google.rpc.Status}: 2 message. */
    static byte[] status(String message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        bytes(out, 2, message.getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        out.write(field << 3 | DELIMITED);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest > 0x7F) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
