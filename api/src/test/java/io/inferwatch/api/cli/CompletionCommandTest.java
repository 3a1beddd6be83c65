package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompletionCommandTest {
    private final PrintStream stdout = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @AfterEach
    void giveBack() {
        System.setOut(stdout);
    }

    private String completion(String shell) {
        printed.reset();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        assertThat(InferwatchCommand.execute("completion", shell)).isZero();
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void knowsCommandsAndTheirOptions() {
        assertThat(completion("bash")).contains("complete -F _complete_inferwatch", "backtest", "--from");
        assertThat(completion("zsh")).startsWith("autoload").contains("bashcompinit", "backtest");
        assertThat(InferwatchCommand.execute("completion", "fish")).isEqualTo(InferwatchCommand.USAGE);
    }
}
