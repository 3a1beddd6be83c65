package io.inferwatch.api.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code inferwatch run}: the sidecar, in the foreground. */
@Command(name = "run", description = "Runs the sidecar in the foreground (the default).")
final class RunCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Override
    public Integer call() {
        return run(options);
    }

    static int run(GlobalOptions options) {
        InferwatchCommand.configuration(options);
        return 0;
    }
}
