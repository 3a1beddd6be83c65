package io.inferwatch.collector.otlp;

import io.inferwatch.collector.protobuf.ProtobufReader;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code KeyValue} of {@code common.proto}: plain values, and of arrays the first. */
final class ProtobufAttributes {
    private ProtobufAttributes() {}

    /** @param field the number of the attributes in their message */
    static void read(
            ProtobufReader<MalformedOtlpException> in, int field, Map<String, Object> into, Predicate<String> isWanted)
            throws MalformedOtlpException {
        while (in.next()) {
            if (in.field() == field) {
                keyValue(in.message(), into, isWanted);
            } else {
                in.skip();
            }
        }
    }

    static void keyValue(
            ProtobufReader<MalformedOtlpException> in, Map<String, Object> into, Predicate<String> isWanted)
            throws MalformedOtlpException {
        String key = "";
        @Nullable Object value = null;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.text(Attributes.MOST_TEXT_BYTES);
                case 2 -> value = anyValue(in.message());
                default -> in.skip();
            }
        }
        if (value != null && isWanted.test(key)) {
            into.put(key, value);
        }
    }

    /** Of an array the first plain value; nothing nests deeper, so nothing deeper is entered. */
    private static @Nullable Object anyValue(ProtobufReader<MalformedOtlpException> in) throws MalformedOtlpException {
        Object value = null;
        while (in.next()) {
            if (in.field() == 5) {
                ProtobufReader<MalformedOtlpException> values = in.message();
                value = values.next() && values.field() == 1 ? plainValue(values.message()) : null;
            } else {
                value = plain(in);
            }
        }
        return value;
    }

    private static @Nullable Object plainValue(ProtobufReader<MalformedOtlpException> in)
            throws MalformedOtlpException {
        return in.next() ? plain(in) : null;
    }

    private static @Nullable Object plain(ProtobufReader<MalformedOtlpException> in) throws MalformedOtlpException {
        switch (in.field()) {
            case 1 -> {
                return in.text(Attributes.MOST_TEXT_BYTES);
            }
            case 2 -> {
                return in.varint() != 0;
            }
            case 3 -> {
                return in.varint();
            }
            case 4 -> {
                return Double.longBitsToDouble(in.fixed64());
            }
            default -> {
                in.skip();
                return null;
            }
        }
    }
}
