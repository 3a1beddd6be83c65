package io.inferwatch.api.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code inferwatch demo}. */
@Command(name = "demo", hidden = true)
final class DemoCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 0;
    }
}
