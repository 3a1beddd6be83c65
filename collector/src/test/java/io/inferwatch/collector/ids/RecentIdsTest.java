package io.inferwatch.collector.ids;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
    private static final long START = 1_790_000_000_000L;

    @Test
    void holdsExactlyWhatAPlainSetWould() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        RecentIds ids = new RecentIds(1000, 600_000);
        ArrayDeque<long[]> order = new ArrayDeque<>();
        Set<Long> held = new HashSet<>();
        long now = START;
        long forgotten = 0;
        for (int i = 0; i < 60_000; i++) {
            now += random.nextInt(i % 20_000 < 10_000 ? 100 : 5000);
            ids.forgetOld(now);
            while (!order.isEmpty()
                    && Math.floorDiv(order.peek()[1] - START, 1000L) < Math.floorDiv(now - 600_000 - START, 1000L)) {
                held.remove(order.poll()[0]);
            }
            // Few distinct low bits, so that the table's runs are long and wrap.
            long hash = random.nextInt(3000) * 0x1_0000_0001L;
            assertThat(ids.contains(hash)).as("seed " + seed + ", step " + i).isEqualTo(held.contains(hash));
            if (held.add(hash)) {
                if (order.size() == 1000) {
                    held.remove(order.poll()[0]);
                    forgotten++;
                }
                order.add(new long[] {hash, now});
            }
            ids.add(hash, now);
            assertThat(ids.size()).as("seed " + seed).isEqualTo(held.size());
            if (order.isEmpty()) {
                break;
            }
        }
        assertThat(ids.forgottenEarly()).isEqualTo(forgotten);
    }

    @Test
    void withdrawnIdIsNew_andGoesWithoutTakingItsSuccessorAlong() {
        RecentIds ids = new RecentIds(1000, 600_000);
        for (long hash = 1; hash <= 200; hash++) {
            ids.add(hash, START);
        }
        ids.withdraw(7);
        ids.withdraw(7);
        ids.withdraw(1_000_000);
        assertThat(ids.contains(7)).isFalse();
        ids.add(7, START + 300_000);
        for (long hash = 201; hash <= 600; hash++) {
            ids.add(hash, START + 300_000); // the ring grows over the withdrawn place
        }
        assertThat(ids.contains(7)).isTrue();
        ids.forgetOld(START + 700_000);
        assertThat(ids.contains(7)).isTrue();
        assertThat(ids.contains(8)).isFalse();
        assertThat(ids.size()).isEqualTo(401);
    }

    @Test
    void staysWithinItsMemory_whenFull_andGivesItBack() {
        RecentIds ids = new RecentIds(1_000_000, 600_000);
        assertThat(ids.heldBytes()).isLessThan(8192);
        for (long i = 0; i < 1_200_000; i++) {
            ids.add(i * 0x9E3779B97F4A7C15L, START);
        }
        assertThat(ids.size()).isEqualTo(1_000_000);
        assertThat(ids.forgottenEarly()).isEqualTo(200_000);
        assertThat(ids.heldBytes()).isLessThan(26_000_000);
        for (int i = 1; i <= 12; i++) {
            ids.forgetOld(START + 601_000L * i);
        }
        assertThat(ids.size()).isZero();
    }

    @Test
    void hashesTellIdsAndAttemptsApart() {
        IdHash hash = new IdHash(1, 2);
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            assertThat(seen.add(hash.of("id" + i, 1))).isTrue();
            assertThat(seen.add(hash.of("id" + i, 2))).isTrue();
        }
        assertThat(hash.of("abcd", 1))
                .isNotEqualTo(hash.of("abcd\u0000", 1))
                .isNotEqualTo(new IdHash(1, 3).of("abcd", 1));
    }
}
