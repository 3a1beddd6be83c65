package io.inferwatch.collector.scrape.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProtobufPageTest {
    private static final String TYPE =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    /** Writes fields by number, as any protobuf library would. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        private Message raw(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) (rest | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
            return this;
        }

        Message varint(int field, long value) {
            return raw((long) field << 3).raw(value);
        }

        Message signed(int field, long value) {
            return varint(field, (value << 1) ^ (value >> 63));
        }

        Message number(int field, double value) {
            raw((long) field << 3 | 1);
            out.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putDouble(value)
                    .array());
            return this;
        }

        Message bytes(int field, byte[] value) {
            raw((long) field << 3 | 2).raw(value.length);
            out.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.out.toByteArray());
        }

        byte[] delimited() {
            byte[] own = out.toByteArray();
            Message framed = new Message().raw(own.length);
            framed.out.writeBytes(own);
            return framed.out.toByteArray();
        }
    }

    private static Message label(String name, String value) {
        return new Message().text(1, name).text(2, value);
    }

    private static Page read(byte[] bytes) throws MalformedPageException {
        return Page.read(bytes, TYPE, name -> true);
    }

    @Test
    void aCounter_hasLabelsAndValue() throws MalformedPageException {
        Message metric = new Message()
                .message(1, label("model", "m"))
                .message(3, new Message().number(1, 42).message(3, new Message().varint(1, 1_700_000_000)));
        Page page = read(
                new Message().text(1, "c_total").varint(3, 0).message(4, metric).delimited());
        Family family = page.families().getFirst();
        assertThat(family.type()).isEqualTo(FamilyType.COUNTER);
        assertThat(family.scalars().getFirst().value()).isEqualTo(42);
        assertThat(family.scalars().getFirst().labels()).isEqualTo(Map.of("model", "m"));
    }

    @Test
    void aNativeHistogram_becomesBoundsAroundItsBuckets() throws MalformedPageException {
        // Schema 0: powers of two. Buckets (1, 2] and (2, 4] with 3 and 5, a gap, (16, 32] with 1; 2 at zero.
        Message histogram = new Message()
                .varint(1, 11)
                .number(2, 44.5)
                .signed(5, 0)
                .number(6, 0.001)
                .varint(7, 2)
                .message(12, new Message().signed(1, 1).varint(2, 2))
                .message(12, new Message().signed(1, 2).varint(2, 1))
                .bytes(13, packed(3, 2, -4));
        Page page = read(new Message()
                .text(1, "h")
                .varint(3, 4)
                .message(4, new Message().message(7, histogram))
                .delimited());
        BucketSeries series = page.families().getFirst().histograms().getFirst();
        assertThat(series.bounds()).containsExactly(new double[] {0.001, 1, 2, 4, 16, 32}, within(1e-12));
        assertThat(series.cumulative()).containsExactly(2, 2, 5, 10, 10, 11, 11);
        assertThat(series.sum()).hasValue(44.5);
    }

    private static byte[] packed(long... values) {
        Message message = new Message();
        for (long value : values) {
            message.raw((value << 1) ^ (value >> 63));
        }
        return message.out.toByteArray();
    }

    @Test
    void aClassicHistogram_keepsItsOwnBounds() throws MalformedPageException {
        Message histogram = new Message()
                .varint(1, 9)
                .number(2, 3)
                .message(3, new Message().varint(1, 4).number(2, 0.5))
                .message(3, new Message().varint(1, 9).number(2, Double.POSITIVE_INFINITY));
        Page page = read(new Message()
                .text(1, "h")
                .varint(3, 4)
                .message(4, new Message().message(7, histogram))
                .delimited());
        assertThat(page.families().getFirst().histograms().getFirst().cumulative())
                .containsExactly(4, 9);
    }

    @Test
    void aLengthBeyondTheEnd_isRefusedWithoutAllocation() {
        assertThatThrownBy(() -> read(new Message().raw(Long.MAX_VALUE).out.toByteArray()))
                .isInstanceOf(MalformedPageException.class)
                .hasMessageContaining("9223372036854775807 bytes");
    }

    @Test
    void aSpanOfBillions_isRefused() {
        Message histogram = new Message()
                .signed(5, 0)
                .message(12, new Message().signed(1, 0).varint(2, 1L << 40));
        byte[] page = new Message()
                .text(1, "h")
                .varint(3, 4)
                .message(4, new Message().message(7, histogram))
                .delimited();
        assertThat(readOrProblem(page)).contains("more than 1024 buckets");
    }

    private static String readOrProblem(byte[] page) {
        try {
            return read(page).firstProblem();
        } catch (MalformedPageException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
