package io.inferwatch.api.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code source <(inferwatch completion bash)}. */
@Command(name = "completion", description = "Prints a completion script: source <(inferwatch completion bash)")
final class CompletionCommand implements Callable<Integer> {
    /** The script is bash's; zsh understands it with this before it. */
    private static final String ZSH =
            "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";

    /** The shells there are scripts for. */
    enum Shell {
        bash,
        zsh
    }

    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Parameters(paramLabel = "bash|zsh", description = "the shell")
    Shell shell = Shell.bash;

    @Override
    public Integer call() {
        String script = AutoComplete.bash("inferwatch", InferwatchCommand.commandLine());
        System.out.print(shell == Shell.zsh ? ZSH + script : script);
        return 0;
    }
}
