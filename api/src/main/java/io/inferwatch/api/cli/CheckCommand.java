package io.inferwatch.api.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code inferwatch check}. */
@Command(name = "check", hidden = true)
final class CheckCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 0;
    }
}
