package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Pace;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed at every commit and every call, before and after it, and goes on from what it left. */
class CrashTest {
    private static final AlertKey A = Engine.key("ttft_slow", "model", "a");
    private static final AlertKey B = Engine.key("tpot_slow", "model", "b");
    private static final List<Map<AlertKey, Tier>> STORY = List.of(
            Map.of(),
            Map.of(A, Tier.P2, B, Tier.P1),
            Map.of(A, Tier.P0, B, Tier.P1),
            Map.of(A, Tier.P0),
            Map.of(A, Tier.P2),
            Map.of(),
            Map.of(A, Tier.P1),
            Map.of());

    /** An Error, so that no handler of faults survives it. */
    private static final class Killed extends Error {}

    private static final class Fate {
        int stepsLeft;

        void step() {
            if (stepsLeft > 0 && --stepsLeft == 0) {
                throw new Killed();
            }
        }
    }

    private record MortalChannel(Channel inner, Fate fate) implements Channel {
        @Override
        public Delivery deliver(Notice notice, Endpoint endpoint) {
            fate.step();
            Delivery delivery = inner.deliver(notice, endpoint);
            fate.step();
            return delivery;
        }

        @Override
        public Endpoint endpoint(Optional<Receipt> opened) throws Secret.Unreadable {
            return inner.endpoint(opened);
        }

        @Override
        public Pace pace() {
            return inner.pace();
        }
    }

    private record Outcome(
            List<String> created, List<String> closed, int slackMessages, int saidToBeRepeats, boolean killed) {}

    @Test
    void nothingIsLostAndPagerDutySeesEachAlertOnce_whereverTheProcessDies(@TempDir Path folder) throws IOException {
        Outcome undisturbed = tell(Files.createDirectory(folder.resolve("undisturbed")), 0);
        assertThat(undisturbed.created()).hasSize(4);

        int step = 1;
        for (Outcome told = undisturbed; step == 1 || told.killed(); step++) {
            told = tell(Files.createDirectory(folder.resolve("step" + step)), step);
            assertThat(told.created())
                    .as("alerts made, killed at step %d", step)
                    .isEqualTo(undisturbed.created());
            assertThat(told.closed())
                    .as("alerts closed, killed at step %d", step)
                    .containsExactlyInAnyOrderElementsOf(undisturbed.closed());
            assertThat(told.slackMessages())
                    .as("Slack messages, killed at step %d", step)
                    .isBetween(undisturbed.slackMessages(), undisturbed.slackMessages() + told.saidToBeRepeats());
            assertThat(told.saidToBeRepeats())
                    .as("two alerts at most were under way")
                    .isBetween(0, 2);
        }
        assertThat(step).as("steps at which it was killed").isGreaterThan(40);
    }

    private Outcome tell(Path folder, int killedAtStep) {
        Fate fate = new Fate();
        try (Sidecar sidecar = new Sidecar(folder)) {
            sidecar.wrap = channel -> new MortalChannel(channel, fate);
            sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of()));
            sidecar.database.aroundCommit = fate::step;
            fate.stepsLeft = killedAtStep;
            boolean killed = false;
            for (Map<AlertKey, Tier> firing : STORY) {
                sidecar.firing.clear();
                sidecar.firing.putAll(firing);
                sidecar.clock.advance(Duration.ofSeconds(2));
                killed |= tickOrDie(sidecar);
                sidecar.run(Duration.ofSeconds(5));
                long open = sidecar.receivers.open.size();
                assertThat(open)
                        .as("open at PagerDuty after %s, killed at %d", firing, killedAtStep)
                        .isEqualTo(firing.size());
            }
            assertThat(sidecar.receivers.faults)
                    .as("killed at step %d", killedAtStep)
                    .isEmpty();
            assertThat(sidecar.pipeline.stats().outboxDepth()).isZero();
            int repeats = (int) sidecar.receivers.calls.stream()
                    .filter(call ->
                            call.path().endsWith("postMessage") && call.raw().contains("possible repeat"))
                    .count();
            return new Outcome(
                    List.copyOf(sidecar.receivers.created),
                    List.copyOf(sidecar.receivers.closed),
                    sidecar.receivers.messages.size(),
                    repeats,
                    killed);
        }
    }

    /** Whether it died and was started again. */
    private static boolean tickOrDie(Sidecar sidecar) {
        try {
            sidecar.tick();
            return false;
        } catch (Killed e) {
            sidecar.restart();
            sidecar.tick();
            return true;
        }
    }
}
