package io.inferwatch.api.cli;

import io.inferwatch.api.app.ProxyProcess;
import io.inferwatch.api.app.Signals;
import io.inferwatch.api.app.StartException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code inferwatch proxy}: the proxies alone, so that an upgrade of the sidecar cuts no stream. */
@Command(
        name = "proxy",
        description = "Runs the proxies that say process: own, in the foreground; their records go to the sidecar.")
final class ProxyCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<ProxyProcess> running = new AtomicReference<>();
        AtomicBoolean isCut = new AtomicBoolean();
        Signals.onTerminate(asked::countDown, () -> {
            isCut.set(true);
            Optional.ofNullable(running.get()).ifPresent(ProxyProcess::cut);
        });
        try (ProxyProcess process = ProxyProcess.start(InferwatchCommand.configuration(options))) {
            running.set(process);
            System.out.println(process.readyLine());
            asked.await();
        } catch (StartException e) {
            throw new CommandFailure(e.exitCode(), String.valueOf(e.getMessage()));
        }
        return isCut.get() ? 1 : 0;
    }
}
