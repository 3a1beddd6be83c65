package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Json;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.notifier.testing.StrictReceivers.Instead;
import io.inferwatch.notifier.testing.TestDatabase;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.FlapGuard;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.Tier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever goes wrong between here and a receiver, at the end it knows what the engine knows. */
class DeliveryChaosTest {
    private static final long FIRST_SEED = new Random().nextLong();
    private static final Duration STEP = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMinutes(5);
    private static final int STEPS = 80;
    private static final List<AlertKey> KEYS = IntStream.range(0, 6)
            .mapToObj(i -> Engine.key("slow", "model", "m" + i))
            .toList();
    private static final List<Tier> TIERS = List.of(Tier.values());

    /** Calls a receiver accepted and does not answer. */
    private final List<Runnable> hanging = new ArrayList<>();

    private int unknownOutcomes;
    private int episodes;

    static Stream<Long> seeds() {
        return IntStream.range(0, 8).mapToObj(i -> FIRST_SEED + i);
    }

    private static Sidecar start(Path folder) throws IOException {
        Sidecar sidecar = new Sidecar(Files.createDirectories(folder));
        sidecar.engine.takesWhatWasTold = true;
        Receiver pager = sidecar.pagerDuty("pager", Map.of());
        Receiver chat = sidecar.slack("chat", Map.of());
        sidecar.plan = new NotificationPlan(
                List.of(Sidecar.route(List.of("pager", "chat"))),
                Map.of("pager", pager, "chat", chat),
                List.of(),
                Map.of(),
                List.of(),
                new FlapGuard(10_000, Duration.ofHours(1), Duration.ofMinutes(30)),
                Optional.empty());
        return sidecar;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void soonAfterItIsOver_openAtPagerDutyIsWhatFires(long seed, @TempDir Path folder) throws IOException {
        Random random = new Random(seed);
        try (Sidecar sidecar = start(folder)) {
            for (int step = 0; step < STEPS; step++) {
                move(sidecar, random);
                goWrong(sidecar, random);
                sidecar.clock.advance(STEP);
                sidecar.tick();
                sidecar.resolver = InetAddress::getAllByName;
            }
            sidecar.receivers.instead.clear();
            timeOut(sidecar);
            sidecar.database.failing = 0;
            sidecar.run(SOON);

            assertThat(openKeys(sidecar.receivers))
                    .as("%s", sidecar.receivers.open)
                    .isEqualTo(firingKeys(sidecar));
            assertThat(sidecar.receivers.faults).isEmpty();
            assertThat(sidecar.pipeline.stats().outboxDepth()).isZero();
            assertThat(opensInChat(sidecar.receivers))
                    .as("an opening in the chat is repeated once at most for each outcome nobody knows")
                    .isLessThanOrEqualTo(episodes + unknownOutcomes);
        }
    }

    private void move(Sidecar sidecar, Random random) {
        for (AlertKey key : KEYS) {
            int move = random.nextInt(24);
            if (move == 0) {
                sidecar.firing.remove(key);
            } else if (move < 3) {
                episodes += sidecar.firing.put(key, TIERS.get(random.nextInt(4))) == null ? 1 : 0;
            }
        }
    }

    private void goWrong(Sidecar sidecar, Random random) {
        StrictReceivers seen = sidecar.receivers;
        switch (random.nextInt(16)) {
            case 0 -> IntStream.range(0, 3).forEach(i -> seen.instead.add(Instead.status(429)));
            case 1 -> IntStream.range(0, 20).forEach(i -> seen.instead.add(Instead.status(429)));
            case 2 -> seen.instead.add(Instead.status(500 + random.nextInt(5)));
            case 3 -> seen.instead.add(Instead.status(302));
            case 4 -> resets(seen, false);
            case 5 -> resets(seen, true);
            case 6 ->
                sidecar.resolver = host -> {
                    throw new UnknownHostException(host);
                };
            case 7 -> sidecar.database.failing = random.nextInt(4);
            case 8 -> diesBeforeItSends(sidecar);
            case 9 -> {
                sidecar.database.failing = 0;
                dies(sidecar);
            }
            case 10 -> losesItsDatabase(sidecar);
            case 11 -> sidecar.threads = (receiver, call) -> hanging.add(call);
            case 12 -> timeOut(sidecar);
            default -> {
                // Nothing goes wrong.
            }
        }
    }

    private void resets(StrictReceivers seen, boolean afterReading) {
        seen.instead.add(new Instead(0, "", "", afterReading));
        unknownOutcomes++;
    }

    /** The hung calls end, unanswered; each had arrived. */
    private void timeOut(Sidecar sidecar) {
        sidecar.threads = (receiver, call) -> call.run();
        List<Instead> later = List.copyOf(sidecar.receivers.instead);
        sidecar.receivers.instead.clear();
        for (Runnable call : hanging) {
            sidecar.receivers.instead.add(new Instead(0, "", "", true));
            call.run();
        }
        unknownOutcomes += hanging.size();
        hanging.clear();
        sidecar.receivers.instead.clear();
        sidecar.receivers.instead.addAll(later);
    }

    /** What is committed was handed to a call that never began. */
    private void diesBeforeItSends(Sidecar sidecar) {
        sidecar.database.failing = 0;
        List<Runnable> neverRun = new ArrayList<>();
        sidecar.threads = (receiver, call) -> neverRun.add(call);
        sidecar.clock.advance(STEP);
        sidecar.tick();
        unknownOutcomes += neverRun.size();
        sidecar.threads = (receiver, call) -> call.run();
        dies(sidecar);
    }

    /** At any moment: what was sent and never answered is known from the log beside it. */
    private void losesItsDatabase(Sidecar sidecar) {
        sidecar.database.failing = 0;
        sidecar.database.close();
        sidecar.database = TestDatabase.h2();
        dies(sidecar);
    }

    /** What hung had arrived. */
    private void dies(Sidecar sidecar) {
        timeOut(sidecar);
        sidecar.restart();
    }

    private static List<String> openKeys(StrictReceivers seen) {
        return seen.open.keySet().stream()
                .map(slot -> slot.replaceFirst("^.*/model=", "").replaceFirst("#.*$", ""))
                .sorted()
                .toList();
    }

    private static List<String> firingKeys(Sidecar sidecar) {
        return sidecar.firing.keySet().stream()
                .map(key -> key.labels().get("model").orElseThrow())
                .sorted()
                .toList();
    }

    private static long opensInChat(StrictReceivers seen) {
        return seen.messages.values().stream()
                .filter(message -> Json.text(message.get("thread_ts")).isEmpty())
                .count();
    }

    @Test
    void aReceiverThatWasDownForADay_getsOneMessageAKey(@TempDir Path folder) throws IOException {
        try (Sidecar sidecar = start(folder)) {
            sidecar.receivers.down = true;
            Random random = new Random(FIRST_SEED);
            for (int minute = 0; minute < 24 * 60; minute++) {
                if (minute % 20 == 0) {
                    KEYS.forEach(key -> sidecar.firing.put(key, TIERS.get(random.nextInt(4))));
                }
                if (minute % 300 == 299) {
                    sidecar.restart();
                }
                sidecar.clock.advance(Duration.ofMinutes(1));
                sidecar.tick();
            }
            sidecar.receivers.down = false;
            sidecar.run(SOON);

            assertThat(openKeys(sidecar.receivers)).as("seed %d", FIRST_SEED).isEqualTo(firingKeys(sidecar));
            assertThat(sidecar.receivers.created).hasSize(KEYS.size());
            assertThat(opensInChat(sidecar.receivers)).isEqualTo(KEYS.size());
            assertThat(sidecar.receivers.faults).isEmpty();
        }
    }
}
