package io.inferwatch.collector.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.collector.testing.RecordedHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chronicle Queue does what it is asked and nothing beside. */
class JournalQuietTest {
    @TempDir
    Path data = Path.of("");

    @Test
    void nobodyIsCalled_andNothingIsLeftInTheHomeDirectory() throws IOException {
        useTheJournal();
        assertThat(System.getProperty("chronicle.analytics.disable")).isEqualTo("true");
        for (String name : List.of("Analytics", "internal.AnalyticsConfiguration", "AnalyticsFacade")) {
            assertThatThrownBy(() -> Class.forName("net.openhft.chronicle.analytics." + name))
                    .isInstanceOf(ClassNotFoundException.class);
        }
        try (Stream<Path> home = Files.list(Path.of(System.getProperty("user.home")))) {
            assertThat(home.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith(".chronicle.analytics"));
        }
    }

    @Test
    void noThreadIsStartedBesideTheJournalsOwn() throws IOException {
        List<String> before = threads();
        useTheJournal();
        assertThat(threads().stream().filter(name -> !before.contains(name)))
                .noneMatch(name -> name.contains("~")
                        || name.toLowerCase(java.util.Locale.ROOT).contains("chronicle"));
    }

    private void useTheJournal() throws IOException {
        try (ChronicleJournal journal = new JournalFixture(data).open()) {
            journal.start();
            JournalFixture.append(journal, "a");
            assertThat(RecordedHandler.readAll(journal, 1).payloads).contains("a");
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }
}
