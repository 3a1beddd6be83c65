package io.inferwatch.histograms.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.histograms.Exemplar;
import io.inferwatch.histograms.WindowData;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ExemplarThinningTest {
    private static final long T0 = WindowStoreContract.T0;

    private static WindowData window(long start, Random random) {
        long[] samples = random.longs(6, 1, 1_000).toArray();
        List<Exemplar> named = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            named.add(new Exemplar("id-" + start + "-" + i, samples[i], start + i));
        }
        return WindowData.ofSamples(start, samples).withExemplars(named);
    }

    private static List<Exemplar> exemplars(SortedMap<Long, byte[]> windows) {
        return windows.values().stream()
                .flatMap(row -> WindowData.decode(row).exemplars().stream())
                .sorted(Exemplar.SLOWEST_FIRST)
                .toList();
    }

    @Test
    void tenMinutesKeepTheirSlowest_whenItsWindowsRememberMore() {
        long seed = new Random().nextLong();
        System.out.println("ExemplarThinningTest seed " + seed);
        Random random = new Random(seed);
        SortedMap<Long, byte[]> fine = new TreeMap<>();
        for (long start = T0; start < T0 + 1_800_000; start += 10_000) {
            fine.put(start, window(start, random).encoded());
        }
        SortedMap<Long, byte[]> before = new TreeMap<>(fine);
        List<Long> touched = List.of(T0 + 20_000, T0 + 30_000, T0 + 1_790_000);

        ExemplarThinning.thinOut(touched, fine);

        for (long from = T0; from < T0 + 1_800_000; from += 600_000) {
            List<Exemplar> all = exemplars(before.subMap(from, from + 600_000));
            boolean isTouched = from != T0 + 600_000;
            assertThat(exemplars(fine.subMap(from, from + 600_000)))
                    .containsExactlyElementsOf(isTouched ? all.subList(0, 4) : all);
        }
        fine.forEach((start, row) -> {
            WindowData old = WindowData.decode(before.getOrDefault(start, new byte[0]));
            assertThat(WindowData.decode(row).withExemplars(List.of())).isEqualTo(old.withExemplars(List.of()));
        });
    }
}
