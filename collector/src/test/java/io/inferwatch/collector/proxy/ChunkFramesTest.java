package io.inferwatch.collector.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkFramesTest {
    private static final String END = "0\r\n\r\n";

    private final ChunkFrames frames = new ChunkFrames();
    private final ByteArrayOutputStream passed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** Reads like a decoder: what did not pass is there again, with more behind it. */
    private ByteBuf read(byte[] body, int... cuts) {
        frames.begin();
        passed.reset();
        data.reset();
        ByteBuf in = Unpooled.buffer();
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i < cuts.length ? cuts[i] : body.length;
            in.writeBytes(body, from, to - from);
            from = to;
            for (int length = pass(in); length > 0; length = pass(in)) {
                ByteBuf part = in.readSlice(length);
                data.writeBytes(frames.dataOf(part));
                byte[] bytes = new byte[length];
                part.getBytes(part.readerIndex(), bytes);
                passed.writeBytes(bytes);
            }
        }
        return in;
    }

    private int pass(ByteBuf in) {
        return frames.isPassing() ? frames.pass(in) : 0;
    }

    @Test
    void chunksOfAnySize_cutAnywhere_passAsTheyAre() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            ByteArrayOutputStream inside = new ByteArrayOutputStream();
            for (int chunks = random.nextInt(6); chunks > 0; chunks--) {
                byte[] chunk = new byte[1 + random.nextInt(40)];
                random.nextBytes(chunk);
                String size = (random.nextBoolean() ? "%x" : "%05X").formatted(chunk.length);
                body.writeBytes((size + "\r\n").getBytes(ISO_8859_1));
                body.writeBytes(chunk);
                body.writeBytes("\r\n".getBytes(ISO_8859_1));
                inside.writeBytes(chunk);
            }
            int length = body.size();
            body.writeBytes(END.getBytes(ISO_8859_1));
            int[] cuts = random.ints(random.nextInt(8), 0, body.size()).sorted().toArray();

            ByteBuf rest = read(body.toByteArray(), cuts);

            String told = "seed " + seed + ", body " + i + " cut at " + Arrays.toString(cuts);
            assertThat(passed.toByteArray()).as(told).isEqualTo(Arrays.copyOf(body.toByteArray(), length));
            assertThat(data.toByteArray()).as(told).isEqualTo(inside.toByteArray());
            assertThat(rest.toString(ISO_8859_1)).as(told).isEqualTo(END);
            assertThat(frames.isBroken()).as(told).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0\r\n\r\n",
                "00000\r\nTrailer: a\r\n\r\n",
                "2;name=value\r\nab\r\n",
                "2 \r\nab\r\n",
                "2\nab\r\n",
                "\r\n",
                "-2\r\nab\r\n",
                "g\r\n",
                "12345678\r\n",
                "2\rX"
            })
    void whatIsNoPlainChunk_isLeftWhereItStands(String other) {
        String chunk = "3\r\nabc\r\n";

        ByteBuf rest = read((chunk + other).getBytes(ISO_8859_1));

        assertThat(passed.toString(ISO_8859_1)).isEqualTo(chunk);
        assertThat(rest.toString(ISO_8859_1)).isEqualTo(other);
        assertThat(frames.isPassing()).isFalse();
        assertThat(frames.isBroken()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abcX", "abc\nX", "abc\rX"})
    void aChunkThatIsLongerThanItsSize_isBroken(String chunk) {
        ByteBuf rest = read(("3\r\n" + chunk + "\r\n").getBytes(ISO_8859_1));

        assertThat(passed.toString(ISO_8859_1)).startsWith("3\r\nabc").doesNotContain("X");
        assertThat(data.toString(ISO_8859_1)).isEqualTo("abc");
        assertThat(rest.isReadable()).isTrue();
        assertThat(frames.isBroken()).isTrue();
        assertThat(frames.isPassing()).isFalse();
    }
}
