package io.inferwatch.api.cli;

import io.inferwatch.api.app.Sidecar;
import io.inferwatch.api.app.Signals;
import io.inferwatch.api.app.StartException;
import io.inferwatch.api.config.Configuration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
        try (Sidecar sidecar = start(configuration, Sidecar.Options.of(System.getenv()))) {
            System.out.println(sidecar.readyLine());
            awaitTermination(sidecar);
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

    /** Returns after the first SIGTERM or SIGINT. */
    static void awaitTermination(Sidecar sidecar) {
        CountDownLatch stopped = new CountDownLatch(1);
        Signals.onTerminate(stopped::countDown);
        Signals.onHangUp(sidecar::reload);
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
