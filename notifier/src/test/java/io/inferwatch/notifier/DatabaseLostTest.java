package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.notifier.testing.StrictReceivers.Instead;
import io.inferwatch.notifier.testing.TestDatabase;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was sent and never answered is closed all the same, when the database is lost just then. */
class DatabaseLostTest {
    private static final AlertKey LLAMA = Engine.key("ttft_slow", "model", "llama");
    private static final String KEY = "inferwatch/gpu-host-17/ttft_slow/model=llama";

    /** The receiver took it; nobody read the answer. */
    private static final Instead UNANSWERED = new Instead(0, "", "", true);

    private Sidecar sidecar;
    private StrictReceivers seen;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        sidecar.engine.takesWhatWasTold = true;
        seen = sidecar.receivers;
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.tick();
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    private void dieAndLoseTheDatabase() {
        sidecar.database.close();
        sidecar.database = TestDatabase.h2();
        sidecar.clock.advance(Duration.ofSeconds(20));
        sidecar.restart();
    }

    @Test
    void openingIsClosed_whenItsAnswerWasNeverRead() {
        seen.instead.add(UNANSWERED);
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        assertThat(seen.open).hasSize(1);

        dieAndLoseTheDatabase();
        sidecar.firing.clear();
        sidecar.run(Duration.ofMinutes(1));

        assertThat(seen.open).isEmpty();
        assertThat(seen.created).containsExactly(KEY);
    }

    @Test
    void openingIsClosed_whenTheProcessDiesTwiceAndTheDatabaseIsLostTheSecondTime() {
        seen.instead.add(UNANSWERED);
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.restart();

        dieAndLoseTheDatabase();
        sidecar.firing.clear();
        sidecar.run(Duration.ofMinutes(1));

        assertThat(seen.open).isEmpty();
    }

    @Test
    void bothKeysAreClosed_whenARiseWasNeverAnswered() {
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        seen.instead.add(UNANSWERED);
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.clock.advance(Duration.ofSeconds(5));
        sidecar.tick();
        assertThat(seen.open).hasSize(2);

        dieAndLoseTheDatabase();
        sidecar.firing.clear();
        sidecar.run(Duration.ofMinutes(1));

        assertThat(seen.open).isEmpty();
        assertThat(seen.created).containsExactly(KEY, KEY + "#P0");
    }

    @Test
    void nobodyIsPagedAgain_whenItStillFires() {
        seen.instead.add(UNANSWERED);
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();

        dieAndLoseTheDatabase();
        sidecar.run(Duration.ofMinutes(20));

        assertThat(seen.created).containsExactly(KEY);
        assertThat(seen.closed).isEmpty();
    }

    @Test
    void nothingIsSaid_whenTheOpeningWasGivenUpBeforeTheDatabaseWasLost() {
        seen.instead.add(new Instead(400, "{\"status\":\"invalid event\"}", "", false));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(5));
        assertThat(seen.created).isEmpty();

        dieAndLoseTheDatabase();
        sidecar.run(Duration.ofMinutes(20));

        assertThat(sidecar.restored).isEmpty();
        assertThat(seen.calls).isEmpty();
    }
}
