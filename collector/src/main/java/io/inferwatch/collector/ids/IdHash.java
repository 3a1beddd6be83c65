package io.inferwatch.collector.ids;

import java.security.SecureRandom;

/**
 * SipHash-2-4 over the characters of an id and its attempt: 64 bits that nobody who lacks the key can make collide. At
 * a million ids held, a new one is taken for a known one once in 18 million million. Immutable; any thread.
 *
 * @see <a href="https://www.aumasson.jp/siphash/siphash.pdf">SipHash: a fast short-input PRF</a>
 */
public final class IdHash {
    private final long key0;
    private final long key1;

    public IdHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /** A hash nobody outside this process can foresee. */
    public static IdHash withRandomKey() {
        SecureRandom random = new SecureRandom();
        return new IdHash(random.nextLong(), random.nextLong());
    }

    public long of(String id, int attempt) {
        Rounds rounds = new Rounds(key0, key1);
        int length = id.length();
        int i = 0;
        for (; i + 4 <= length; i += 4) {
            rounds.word(id.charAt(i)
                    | (long) id.charAt(i + 1) << 16
                    | (long) id.charAt(i + 2) << 32
                    | (long) id.charAt(i + 3) << 48);
        }
        long rest = 0;
        for (int shift = 0; i < length; i++, shift += 16) {
            rest |= (long) id.charAt(i) << shift;
        }
        rounds.word(rest);
        rounds.word((long) attempt << 32 | length);
        return rounds.end();
    }

    /** The four words of SipHash's state; its lifetime is one call, and the JIT keeps it in registers. */
    private static final class Rounds {
        private long v0;
        private long v1;
        private long v2;
        private long v3;

        Rounds(long key0, long key1) {
            v0 = key0 ^ 0x736f6d6570736575L;
            v1 = key1 ^ 0x646f72616e646f6dL;
            v2 = key0 ^ 0x6c7967656e657261L;
            v3 = key1 ^ 0x7465646279746573L;
        }

        void word(long word) {
            v3 ^= word;
            round();
            round();
            v0 ^= word;
        }

        long end() {
            v2 ^= 0xff;
            round();
            round();
            round();
            round();
            return v0 ^ v1 ^ v2 ^ v3;
        }

        private void round() {
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
        }
    }
}
