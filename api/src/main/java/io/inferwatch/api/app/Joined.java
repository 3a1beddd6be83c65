package io.inferwatch.api.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Start steps that run side by side: what one needs of another it waits for here, and gets that one's own exception. */
final class Joined {
    private Joined() {}

    /** A start step that yields a part. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    static <T> CompletableFuture<T> start(String name, Work<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofPlatform().daemon().name(name).start(task));
    }

    static <T> T get(CompletableFuture<T> part) throws IOException {
        try {
            return part.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException io) {
                throw io.getCause();
            }
            if (e.getCause() instanceof RuntimeException own) {
                throw own;
            }
            throw e;
        }
    }
}
