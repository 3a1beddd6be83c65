package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Json;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.notifier.testing.StrictReceivers.Instead;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Alertmanager's acceptance tests in our own words and on our own clock: prometheus/alertmanager,
 * test/with_api_v2/acceptance/send_test.go (TestMergeAlerts, TestRepeat, TestRetry, TestBatching, TestResolved,
 * TestReactivation); inhibition and silencing are in {@link MutingTest}.
 */
class GroupingScenariosTest {
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofMinutes(5);
    private static final Duration REPEAT = Duration.ofHours(4);

    private Sidecar sidecar;
    private StrictReceivers seen;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        seen = sidecar.receivers;
        Receiver hook = sidecar.webhook("hook");
        Route route = new Route(
                Set.of(),
                Optional.empty(),
                List.of(),
                List.of("hook"),
                false,
                Optional.of(List.of("rule")),
                WAIT,
                INTERVAL,
                Optional.of(REPEAT));
        sidecar.plan = new NotificationPlan(List.of(route), Map.of("hook", hook));
        sidecar.tick();
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    private static AlertKey gpu(int number) {
        return Engine.key("gpu_hot", "gpu", Integer.toString(number));
    }

    private void fire(int from, int to) {
        for (int i = from; i < to; i++) {
            sidecar.firing.put(gpu(i), Tier.P2);
        }
        sidecar.tick();
    }

    /** Kind and number of alerts of each notice so far. */
    private List<String> told() {
        return seen.hooks.stream()
                .map(hook -> Json.object(hook.get("inferwatch")).get("kind") + " "
                        + Json.list(hook.get("alerts")).size())
                .toList();
    }

    @Test
    void alertsThatComeWithinTheWaitAreOneNotice() {
        fire(0, 1);
        sidecar.run(Duration.ofSeconds(10));
        fire(1, 3);
        sidecar.run(WAIT);
        assertThat(told()).containsExactly("opened 3");
    }

    @Test
    void laterAlertsOfAGroupAreToldTogether_whenItsIntervalHasPassed() {
        fire(0, 1);
        sidecar.run(WAIT);
        fire(1, 3);
        sidecar.run(Duration.ofMinutes(2));
        fire(3, 5);
        sidecar.run(INTERVAL.minus(Duration.ofMinutes(2)));
        assertThat(told()).containsExactly("opened 1", "members_changed 5");
    }

    @Test
    void whatStaysIsRepeatedAndNotBefore() {
        fire(0, 2);
        sidecar.run(WAIT.plus(REPEAT).minusSeconds(1));
        assertThat(told()).containsExactly("opened 2");
        sidecar.run(Duration.ofSeconds(2));
        assertThat(told()).containsExactly("opened 2", "repeated 2");
    }

    @Test
    void oneThatGoesIsAChange_andTheLastOneEndsTheGroupAtOnce() {
        fire(0, 2);
        sidecar.run(WAIT.plus(INTERVAL));
        sidecar.firing.remove(gpu(0));
        sidecar.run(Duration.ofSeconds(1));
        assertThat(told()).containsExactly("opened 2", "members_changed 1");
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(1));
        assertThat(told()).containsExactly("opened 2", "members_changed 1", "closed 1");
        sidecar.run(REPEAT);
        assertThat(told()).hasSize(3);
    }

    @Test
    void oneThatComesBackIsToldAgain_whenTheIntervalHasPassed() {
        fire(0, 1);
        sidecar.run(WAIT);
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(10));
        fire(0, 1);
        sidecar.run(INTERVAL.minusSeconds(10));
        assertThat(told()).containsExactly("opened 1", "closed 1");
        sidecar.run(Duration.ofSeconds(10));
        assertThat(told()).containsExactly("opened 1", "closed 1", "opened 1");
    }

    @Test
    void whatFailedIsTriedAgainUntilItIsDelivered_once() {
        for (int i = 0; i < 4; i++) {
            seen.instead.add(Instead.status(503));
        }
        fire(0, 1);
        sidecar.run(WAIT.plusMinutes(3));
        assertThat(told()).containsExactly("opened 1");
    }

    @Test
    void redirectIsNotFollowedAndTheAlertStaysOwed() {
        seen.instead.add(Instead.status(302));
        fire(0, 1);
        sidecar.run(WAIT.plusMinutes(1));
        assertThat(told()).isEmpty();
        assertThat(sidecar.pipeline.stats().outboxDepth()).isEqualTo(1);
        sidecar.run(Duration.ofMinutes(5));
        assertThat(told()).containsExactly("opened 1");
    }

    @Test
    void receiverThatWasDownForADayGetsOneMessageAKey() {
        seen.down = true;
        fire(0, 3);
        sidecar.firing.put(Engine.key("ttft_slow", "model", "llama"), Tier.P1);
        run(Duration.ofHours(12));
        sidecar.firing.remove(gpu(0));
        sidecar.firing.put(gpu(7), Tier.P1);
        run(Duration.ofHours(12));
        assertThat(told()).isEmpty();

        seen.down = false;
        run(Duration.ofMinutes(10));
        assertThat(told()).containsExactlyInAnyOrder("opened 3", "opened 1");
    }

    /** Every half minute: a day of seconds takes too long. */
    private void run(Duration time) {
        for (long step = time.dividedBy(Duration.ofSeconds(30)); step > 0; step--) {
            sidecar.clock.advance(Duration.ofSeconds(30));
            sidecar.tick();
        }
    }
}
