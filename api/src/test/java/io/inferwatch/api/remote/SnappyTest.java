package io.inferwatch.api.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnappyTest {

    /** The block format read as its description says; only the elements that are written. */
    private static byte[] decompress(byte[] packed) {
        int at = 0;
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            int next = packed[at++];
            length |= (next & 0x7F) << shift;
            if (next >= 0) {
                break;
            }
        }
        byte[] out = new byte[length];
        int filled = 0;
        while (at < packed.length) {
            int tag = packed[at++] & 0xFF;
            if ((tag & 3) == 0) {
                int size = (tag >>> 2) + 1;
                if (size == 61) {
                    size = (packed[at++] & 0xFF) + 1;
                } else if (size == 62) {
                    size = ((packed[at] & 0xFF) | ((packed[at + 1] & 0xFF) << 8)) + 1;
                    at += 2;
                }
                System.arraycopy(packed, at, out, filled, size);
                at += size;
                filled += size;
            } else {
                assertThat(tag & 3).isEqualTo(2);
                int offset = (packed[at] & 0xFF) | ((packed[at + 1] & 0xFF) << 8);
                at += 2;
                assertThat(offset).isBetween(1, filled);
                for (int i = 0; i < (tag >>> 2) + 1; i++) {
                    out[filled] = out[filled - offset];
                    filled++;
                }
            }
        }
        assertThat(filled).isEqualTo(length);
        return out;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 60, 61, 256, 257, 65_535, 65_536, 65_537, 300_000})
    void bytesComeBack_whenThereAre(int size) {
        Random random = new Random(size);
        byte[] noise = new byte[size];
        random.nextBytes(noise);
        byte[] words = new byte[size];
        for (int i = 0; i < size; i++) {
            words[i] = (byte) "model=llama-70b;server=a;".charAt((i + i / 997) % 25);
        }
        byte[] same = new byte[size];

        assertThat(decompress(Snappy.compress(noise))).isEqualTo(noise);
        assertThat(decompress(Snappy.compress(words))).isEqualTo(words);
        assertThat(decompress(Snappy.compress(same))).isEqualTo(same);
    }

    @Test
    void textThatRepeatsGetsSmall() {
        byte[] labels = "{__name__=\"inferwatch_llm_ttft_seconds\",model=\"llama\"}"
                .repeat(1_000)
                .getBytes(StandardCharsets.UTF_8);

        assertThat(Snappy.compress(labels).length).isLessThan(labels.length / 10);
    }
}
