package io.inferwatch.api.cli;

import io.inferwatch.api.app.Sidecar;
import io.inferwatch.api.app.StartException;
import io.inferwatch.api.config.Configuration;
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
        Configuration configuration = InferwatchCommand.configuration(options);
        Termination termination = Termination.watched();
        try (Sidecar sidecar = start(configuration, Sidecar.Options.of(System.getenv()))) {
            System.out.println(sidecar.readyLine());
            termination.await(sidecar);
        }
        return 0;
    }

    static Sidecar start(Configuration configuration, Sidecar.Options options) {
        try {
            return Sidecar.start(configuration, options);
        } catch (StartException e) {
            throw new CommandFailure(e.exitCode(), String.valueOf(e.getMessage()));
        }
    }
}
