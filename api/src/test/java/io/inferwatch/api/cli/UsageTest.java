package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What every command shares: help, the options that stand anywhere, and what is said of a mistake. */
class UsageTest {
    /** Nothing listens on port 1: a command that asks a sidecar ends with exit code 3. */
    private static final String NOBODY = "--port=1";

    private final StandardStreams streams = new StandardStreams();

    @BeforeEach
    void listen() {
        streams.listen();
    }

    @AfterEach
    void giveBack() {
        streams.giveBack();
    }

    private int run(String... words) {
        streams.out.reset();
        streams.err.reset();
        return InferwatchCommand.execute(words);
    }

    private String said() {
        return streams.err.toString(StandardCharsets.UTF_8);
    }

    /** Every command with its subcommands, as words. */
    private static List<List<String>> commands() {
        List<List<String>> found = new ArrayList<>();
        collect(InferwatchCommand.commandLine(), List.of(), found);
        return found;
    }

    private static void collect(CommandLine command, List<String> words, List<List<String>> found) {
        found.add(words);
        command.getSubcommands().forEach((name, below) -> {
            List<String> more = new ArrayList<>(words);
            more.add(name);
            collect(below, more, found);
        });
    }

    @Test
    void everyCommand_hasHelp() {
        assertThat(commands()).hasSizeGreaterThan(20);
        for (List<String> command : commands()) {
            List<String> words = new ArrayList<>(command);
            words.add("--help");
            assertThat(run(words.toArray(String[]::new))).as("%s", words).isZero();
            assertThat(streams.out.toString(StandardCharsets.UTF_8))
                    .as("%s", words)
                    .startsWith("Usage: inferwatch");
        }
    }

    @Test
    void everyCommand_takesTheGlobalOptions() {
        for (List<String> command : commands()) {
            if (command.contains("train-aot")) {
                continue;
            }
            List<String> words = new ArrayList<>(command);
            words.addAll(List.of("--config=c", "--data=d", "--rules=r", "--host=h", "--port=1", "-o=json", "--help"));
            assertThat(run(words.toArray(String[]::new)))
                    .as("%s: %s", words, said())
                    .isZero();
        }
    }

    @Test
    void globalOptions_mayStandBeforeAnyWordOfTheCommand() {
        assertThat(run(NOBODY, "silence", "list")).isEqualTo(InferwatchCommand.NOT_HERE);
        assertThat(said()).contains("http://127.0.0.1:1");
        assertThat(run("silence", NOBODY, "list")).isEqualTo(InferwatchCommand.NOT_HERE);
        assertThat(said()).contains("http://127.0.0.1:1");
        assertThat(run("silence", "--port=2", "list", NOBODY)).isEqualTo(InferwatchCommand.NOT_HERE);
        assertThat(said()).as("the nearest one counts").contains("http://127.0.0.1:1;");
    }

    @Test
    void whatIsUnknown_isNamed_withTheNearestName() {
        assertThat(run("querry", "llm.ttft")).isEqualTo(InferwatchCommand.USAGE);
        assertThat(said()).contains("unknown command \"querry\"; did you mean \"query\"?");
        assertThat(run("run", "--prot", "9")).isEqualTo(InferwatchCommand.USAGE);
        assertThat(said())
                .contains("unknown option \"--prot\"; did you mean \"--port\"?")
                .contains("run --help");
        assertThat(run("silence", "lsit")).isEqualTo(InferwatchCommand.USAGE);
        assertThat(said()).contains("did you mean \"list\"?");
        assertThat(run("nothing-like-it")).isEqualTo(InferwatchCommand.USAGE);
        assertThat(said()).contains("there are ack, alerts, backtest").doesNotContain("train-aot");
    }

    @Test
    void whatIsMissing_isNamed() {
        assertThat(run("query")).isEqualTo(InferwatchCommand.USAGE);
        assertThat(said()).contains("METRIC").hasLineCount(2);
    }

    @Test
    void labels_cannotMoveTheCursor() {
        assertThat(Table.safe("a\u001b[2Jb\u009bc\u202ed\ne")).isEqualTo("a?[2Jb?c?d?e");
        assertThat(Table.safe("llama-3 · größe 模型")).isEqualTo("llama-3 · größe 模型");
    }
}
