package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.notifier.testing.StrictReceivers.Instead;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.FlapGuard;
import io.inferwatch.rules.NotificationPlan.Inhibition;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.Silence;
import io.inferwatch.rules.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random stories of alerts that come, rise, fall and go; the seed names the story. */
class DeliveryPropertyTest {
    private static final long FIRST_SEED = new Random().nextLong();
    private static final List<AlertKey> KEYS = IntStream.range(0, 6)
            .mapToObj(i -> Engine.key(i % 2 == 0 ? "cause" : "symptom", "model", "m" + i / 2))
            .toList();
    private static final List<Tier> TIERS = List.of(Tier.values());
    private static final int STEPS = 60;
    private static final Duration STEP = Duration.ofSeconds(10);

    static Stream<Long> seeds() {
        return IntStream.range(0, 12).mapToObj(i -> FIRST_SEED + i);
    }

    private static AlertMatch rule(String name) {
        return new AlertMatch(Set.of(), Optional.of(new LabelMatcher("rule", List.of(name), false)), List.of());
    }

    private static Sidecar start(Path folder, List<Silence> silences) throws IOException {
        Sidecar sidecar = new Sidecar(Files.createDirectories(folder));
        Receiver pager = sidecar.pagerDuty("pd", Map.of());
        Inhibition inhibition = new Inhibition("", rule("cause"), rule("symptom"), List.of("model"));
        sidecar.plan = new NotificationPlan(
                List.of(Sidecar.route(List.of("pd"))),
                Map.of("pd", pager),
                List.of(inhibition),
                Map.of(),
                silences,
                FlapGuard.DEFAULT,
                Optional.empty());
        return sidecar;
    }

    /** What fires in each step; each key rests longer than it moves. */
    private static List<Map<AlertKey, Tier>> story(Random random) {
        List<Map<AlertKey, Tier>> steps = new ArrayList<>();
        Map<AlertKey, Tier> now = new LinkedHashMap<>();
        for (int step = 0; step < STEPS; step++) {
            for (AlertKey key : KEYS) {
                int move = random.nextInt(24);
                if (move == 0) {
                    now.remove(key);
                } else if (move < 3) {
                    now.put(key, TIERS.get(random.nextInt(4)));
                }
            }
            steps.add(new LinkedHashMap<>(now));
        }
        return steps;
    }

    private static void take(Sidecar sidecar, Map<AlertKey, Tier> firing) {
        sidecar.firing.clear();
        sidecar.firing.putAll(firing);
        sidecar.clock.advance(STEP);
        sidecar.tick();
    }

    private static List<String> openKeys(StrictReceivers seen) {
        return seen.open.keySet().stream().sorted().toList();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whateverReceiversDo_nothingStaysOpenAndNothingClosesThatWasNotOpen(long seed, @TempDir Path folder)
            throws IOException {
        Random random = new Random(seed);
        try (Sidecar sidecar = start(folder, List.of())) {
            StrictReceivers seen = sidecar.receivers;
            for (Map<AlertKey, Tier> firing : story(random)) {
                switch (random.nextInt(8)) {
                    case 0 -> seen.instead.add(Instead.status(429));
                    case 1 -> seen.instead.add(Instead.status(500 + random.nextInt(5)));
                    case 2 -> seen.instead.add(new Instead(0, "", "", random.nextBoolean()));
                    case 3 -> sidecar.database.failing = random.nextInt(4);
                    case 4 -> {
                        sidecar.database.failing = 0;
                        sidecar.restart();
                    }
                    default -> {
                        // Nothing goes wrong.
                    }
                }
                take(sidecar, firing);
            }
            seen.instead.clear();
            sidecar.database.failing = 0;
            sidecar.firing.clear();
            sidecar.run(Duration.ofMinutes(40));
            assertThat(seen.open).as("open at the end").isEmpty();
            assertThat(seen.faults).isEmpty();
            assertThat(sidecar.pipeline.stats().outboxDepth()).isZero();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void restartAtAnyTickIsNoRestart(long seed, @TempDir Path folder) throws IOException {
        List<Map<AlertKey, Tier>> story = story(new Random(seed));
        Map<String, List<String>> undisturbed = tell(folder.resolve("undisturbed"), story, -1);
        assertThat(undisturbed).isNotEmpty();
        for (int at = 1; at < STEPS; at += 7) {
            assertThat(tell(folder.resolve("at" + at), story, at))
                    .as("restarted before step %d", at)
                    .isEqualTo(undisturbed);
        }
    }

    /** What PagerDuty was told of each group, in order; in one tick groups have no order among them. */
    private static Map<String, List<String>> tell(Path folder, List<Map<AlertKey, Tier>> story, int restartBefore)
            throws IOException {
        try (Sidecar sidecar = start(folder, List.of())) {
            for (int step = 0; step < story.size(); step++) {
                if (step == restartBefore) {
                    sidecar.restart();
                }
                take(sidecar, story.get(step));
            }
            return sidecar.receivers.calls.stream()
                    .map(call ->
                            call.body().get("event_action") + " " + call.body().get("dedup_key"))
                    .collect(Collectors.groupingBy(DeliveryPropertyTest::group));
        }
    }

    private static String group(String told) {
        return told.replaceFirst("^[a-z]+ ", "").replaceFirst("#.*$", "");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noticesOfAGroupAreBoundedByTheFlapGuard(long seed, @TempDir Path folder) throws IOException {
        Random random = new Random(seed);
        try (Sidecar sidecar = start(folder, List.of())) {
            AlertKey key = KEYS.getFirst();
            int hours = 3;
            for (int step = 0; step < hours * 360; step++) {
                sidecar.firing.clear();
                if (random.nextInt(3) == 0) {
                    sidecar.firing.put(key, TIERS.get(1 + random.nextInt(3)));
                }
                sidecar.clock.advance(STEP);
                sidecar.tick();
            }
            int most = hours * (FlapGuard.DEFAULT.changes() + 1) * 2 + Tier.values().length * 2;
            assertThat(sidecar.receivers.calls).hasSizeLessThanOrEqualTo(most);
            assertThat(sidecar.receivers.faults).isEmpty();
        }
    }

    /** Besides its changes it is told when {@code repeat} has passed, also over restarts. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noticesOfWhatStaysAreBoundedByRepeat(long seed, @TempDir Path folder) throws IOException {
        Random random = new Random(seed);
        Duration repeat = Duration.ofMinutes(5 + random.nextInt(40));
        Duration all = Duration.ofHours(2);
        try (Sidecar sidecar = start(folder, List.of())) {
            NotificationPlan.Route route = new NotificationPlan.Route(
                    Set.of(),
                    Optional.empty(),
                    List.of(),
                    List.of("pd"),
                    false,
                    Optional.empty(),
                    Duration.ZERO,
                    Duration.ofMinutes(1),
                    Optional.of(repeat));
            sidecar.plan = new NotificationPlan(List.of(route), sidecar.plan.receivers());
            int changes = 0;
            for (long step = all.dividedBy(STEP); step > 0; step--) {
                boolean isChange = sidecar.firing.isEmpty() || random.nextInt(300) == 0;
                if (isChange) {
                    sidecar.firing.put(KEYS.getFirst(), TIERS.get(random.nextInt(4)));
                    changes++;
                }
                if (random.nextInt(200) == 0) {
                    sidecar.restart();
                }
                sidecar.clock.advance(STEP);
                sidecar.tick();
            }
            assertThat(sidecar.receivers.calls)
                    .as("%d changes, repeated every %s", changes, repeat)
                    .hasSizeBetween(1 + (int) (all.dividedBy(repeat) / 2), (int) all.dividedBy(repeat) + 2 * changes);
            assertThat(sidecar.receivers.faults).isEmpty();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsSilencedThroughoutIsNeverTold_andTheRestIsWhatFires(long seed, @TempDir Path folder) throws IOException {
        AlertMatch first =
                new AlertMatch(Set.of(), Optional.empty(), List.of(new LabelMatcher("model", List.of("m0"), false)));
        Silence silence = new Silence("file-1", first, Instant.EPOCH, Instant.MAX, "ops", "test");
        try (Sidecar sidecar = start(folder, List.of(silence))) {
            Map<AlertKey, Tier> last = Map.of();
            for (Map<AlertKey, Tier> firing : story(new Random(seed))) {
                take(sidecar, firing);
                last = firing;
            }
            sidecar.run(Duration.ofMinutes(45));
            assertThat(sidecar.receivers.created).noneMatch(key -> key.contains("model=m0"));
            Map<AlertKey, Tier> firing = last;
            long expected = firing.keySet().stream()
                    .filter(key -> !key.labels().get("model").equals(Optional.of("m0")))
                    .filter(key ->
                            key.rule().equals("cause") || isOpen(sidecar.receivers, key) || !isInhibited(key, firing))
                    .count();
            assertThat(openKeys(sidecar.receivers)).hasSize((int) expected);
        }
    }

    private static boolean isInhibited(AlertKey symptom, Map<AlertKey, Tier> firing) {
        return firing.containsKey(new AlertKey("cause", symptom.labels()));
    }

    private static boolean isOpen(StrictReceivers seen, AlertKey key) {
        String name = "/" + key.rule() + "/model=" + key.labels().get("model").orElseThrow();
        return seen.open.keySet().stream().anyMatch(open -> open.contains(name));
    }
}
