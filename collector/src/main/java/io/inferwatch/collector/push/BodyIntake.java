package io.inferwatch.collector.push;

import io.inferwatch.collector.Collector;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;

/**
 * The engine behind both intakes: lends each body a parser and takes it back. Any thread.
 *
 * @param <B> what the fields of a record are collected in
 */
final class BodyIntake<B> {
    private static final int MOST_IDLE_PARSERS = 4;

    private final Collector collector;
    private final Supplier<RecordKind<B>> kinds;
    private final IntakeCounters counters = new IntakeCounters();
    private final ArrayBlockingQueue<BodyParser<B>> idle = new ArrayBlockingQueue<>(MOST_IDLE_PARSERS);

    BodyIntake(Collector collector, Supplier<RecordKind<B>> kinds) {
        this.collector = collector;
        this.kinds = kinds;
    }

    IntakeOutcome accept(InputStream body, BodyFormat format, IntakeOptions options) throws IOException {
        BodyParser<B> waiting = idle.poll();
        BodyParser<B> parser = waiting != null ? waiting : new BodyParser<>(collector, kinds.get(), counters);
        IntakeOutcome outcome = parser.accept(body, format, options);
        // Only after a whole body: a parser that was thrown out of one is in no known state.
        idle.offer(parser);
        return outcome;
    }

    IntakeStats stats() {
        return counters.stats();
    }
}
