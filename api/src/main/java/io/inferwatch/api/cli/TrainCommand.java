package io.inferwatch.api.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code inferwatch train-aot}. */
@Command(name = "train-aot", hidden = true)
final class TrainCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 0;
    }
}
