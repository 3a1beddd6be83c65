package io.inferwatch.rules.book;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.engine.ExpectedInstances;
import io.inferwatch.rules.engine.RuleEngine;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.testing.ScriptedView;
import io.inferwatch.rules.yaml.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleBookTest {
    private static final String RULES = """
            version: 1
            defaults: {every: 1s}
            receivers: {c: {type: console}}
            routes: [{to: c}]
            signals: {ttft: {metric: llm.ttft, agg: p95, over: 5m, unit: ms}}
            rules: {slow: {signal: ttft, tiers: {P2: {above: 500ms}}}}
            tests:
              - {name: t, rule: slow, input: [{signal: ttft, values: 600x3}], expect: [{at: 1m, state: firing}]}
            """;

    private Instant now = Instant.parse("2026-01-05T12:00:00.300Z");

    @TempDir
    private Path directory = Path.of("");

    private RuleBook book(String location) {
        RuleLoader loader = new RuleLoader(Set.of(), ReceiverChecker.NONE);
        return new RuleBook(new RuleFiles(location), loader, new InlineTests(Optional.empty()), () -> now);
    }

    @Test
    void runsTheBuiltInPack_whenNoFileIsThere() {
        RuleBook book = book(directory.resolve("none.yml").toString());
        assertThat(book.reload().applied()).isTrue();
        assertThat(book.current().rule("all_failing")).isPresent();
    }

    @Test
    void keepsWhatRuns_whenTheFileIsWrongOrItsTestsFail() throws IOException {
        Path file = directory.resolve("rules.yml");
        Files.writeString(file, RULES);
        RuleBook book = book(file.toString());
        assertThat(book.reload().applied()).isTrue();
        RuleSet running = book.current();
        for (String wrong :
                List.of(RULES.replace("llm.ttft", "llm.tfft"), RULES.replace("600x3", "400x3"), "{", "a: [")) {
            Files.writeString(file, wrong);
            RuleBook.Report report = book.reload();
            assertThat(report.applied()).isFalse();
            assertThat(report.problems()).isNotEmpty();
            assertThat(book.current()).isSameAs(running);
            assertThat(book.lastReport()).isSameAs(report);
        }
        assertThat(book.versions()).hasSize(2);
        assertThat(book.running().files()).extracting(RuleFile::text).containsExactly(RULES);
    }

    @Test
    void checkingChangesNothing() {
        RuleBook book = book("none.yml");
        List<Problem> problems = book.check(List.of(new RuleFile("x.yml", RULES.replace("600x3", "400x3"))));
        assertThat(problems).singleElement().asString().contains("state is \"ok\", not \"firing\"");
        assertThat(book.versions()).hasSize(1);
    }

    @Test
    void whatRanBeforeARestart_canBeGoneBackTo() throws IOException {
        Path file = directory.resolve("rules.yml");
        RuleArchive archive = new RuleArchive(directory.resolve("versions"));
        RuleBook first = book(file.toString());
        for (int i = 0; i < 12; i++) {
            Files.writeString(file, RULES + "# " + i + "\n");
            assertThat(first.reload().applied()).isTrue();
            archive.keep(first.running());
        }
        RuleBook same = book(file.toString());
        same.reload();
        same.recall(archive.read());
        assertThat(same.running()).isEqualTo(first.running());
        assertThat(same.versions()).isEqualTo(first.versions()).hasSize(10);

        Files.writeString(file, RULES + "# changed while it was down\n");
        RuleBook changed = book(file.toString());
        changed.reload();
        changed.recall(archive.read());
        assertThat(changed.running().number()).isEqualTo(13);
        assertThat(changed.version(12)).isEqualTo(first.version(12));
        assertThat(changed.version(3)).isEmpty();
    }

    @Test
    void aDamagedVersion_isLeftOut() throws IOException {
        RuleArchive archive = new RuleArchive(directory);
        for (int number = 1; number <= 3; number++) {
            archive.keep(new RuleBook.Version(number, now, List.of(new RuleFile("r.yml", RULES)), 1));
        }
        Path second = directory.resolve("000000002.version");
        byte[] bytes = Files.readAllBytes(second);
        bytes[bytes.length / 2]++;
        Files.write(second, bytes);
        Files.write(directory.resolve("000000003.version"), new byte[3]);
        assertThat(archive.read()).extracting(RuleBook.Version::number).containsExactly(1);
    }

    @Test
    void theSameTextsAgain_areNoNewVersion() throws IOException {
        Path file = directory.resolve("rules.yml");
        Files.writeString(file, RULES);
        RuleBook book = book(file.toString());
        book.reload();
        assertThat(book.reload().applied()).isTrue();
        assertThat(book.versions()).hasSize(2);
    }

    @Test
    void readsADirectoryAndAGlobByName_andSeesAChange() throws IOException {
        Files.writeString(directory.resolve("b.yml"), "version: 1\n");
        Files.writeString(directory.resolve("a.yaml"), RULES);
        Files.writeString(directory.resolve("c.txt"), "not ours");
        RuleBook book = book(directory.toString());
        assertThat(book.reload().applied()).isTrue();
        assertThat(book.running().files())
                .extracting(f -> Path.of(f.name()).getFileName().toString())
                .containsExactly("a.yaml", "b.yml");
        RuleFiles glob = new RuleFiles(directory.resolve("a*.yaml").toString());
        String before = glob.fingerprint();
        assertThat(glob.exist()).isTrue();
        Files.writeString(directory.resolve("a2.yaml"), "version: 1\n");
        assertThat(glob.fingerprint()).isNotEqualTo(before);
    }

    @Test
    void refusesAFileThatIsTooLarge_andOneThatIsNotText() throws IOException {
        Path file = directory.resolve("rules.yml");
        RuleBook book = book(file.toString());
        Files.write(file, new byte[300 * 1024]);
        assertThat(book.reload().problems()).singleElement().asString().contains("may have at most 262144");
        Files.write(file, new byte[] {'a', (byte) 0xff});
        assertThat(book.reload().problems()).singleElement().asString().endsWith("rules.yml:1:2: not UTF-8");
    }

    @Test
    void ticksAtMultiplesOfThePeriod_onceEach_andSkipsWhatItMissed() throws IOException {
        Path file = directory.resolve("rules.yml");
        Files.writeString(file, RULES);
        RuleBook book = book(file.toString());
        book.reload();
        List<TickResult> results = new ArrayList<>();
        RuleTicker ticker = new RuleTicker(
                new RuleEngine(book.current(), ExpectedInstances.ALL),
                book,
                () -> now,
                () -> now.toEpochMilli() * 1_000_000,
                t -> new ScriptedView().at(t),
                results::add);
        assertThat(ticker.doWork()).isTrue();
        assertThat(ticker.doWork()).isFalse();
        assertThat(ticker.untilNext()).hasMillis(700);
        now = now.plusMillis(700);
        assertThat(ticker.doWork()).isTrue();
        now = now.plusSeconds(4);
        assertThat(ticker.doWork()).isTrue();
        assertThat(results)
                .extracting(r -> r.at().toString())
                .containsExactly("2026-01-05T12:00:00Z", "2026-01-05T12:00:01Z", "2026-01-05T12:00:05Z");
        assertThat(ticker.stats().ticks()).isEqualTo(3);
        assertThat(ticker.stats().skippedTicks()).isEqualTo(3);
    }
}
