package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The marks on the time axis. What rules ask for, the deploys of the last day, is in memory. Any thread. */
public final class Marks {
    private static final Logger LOG = LoggerFactory.getLogger(Marks.class);
    private static final int KEPT = 1_000;
    private static final Duration KEPT_FOR = Duration.ofDays(1);

    private final MarkStore store;
    private final InstantSource clock;
    private final Deque<Mark> deploys = new ArrayDeque<>();

    /** On their way to the database; what was just marked is told all the same. */
    private final Queue<Mark> underWay = new ConcurrentLinkedQueue<>();

    private volatile Consumer<Mark> listener = mark -> {};

    /** Reads the deploys of the last day. */
    public Marks(MarkStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        Instant now = clock.instant();
        store.read(now.minus(KEPT_FOR), now.plus(KEPT_FOR), 10 * KEPT).forEach(this::keep);
    }

    /** Tells somebody of each mark that is added from now on; on the thread that adds it. */
    public void onMark(Consumer<Mark> tell) {
        listener = tell;
    }

    /** @return completes when the mark is stored; it is in force at once */
    public CompletableFuture<Mark> add(Mark made) {
        Mark mark = made.toTheMillisecond();
        keep(mark);
        listener.accept(mark);
        underWay.add(mark);
        return store.write(mark).whenComplete((stored, failure) -> underWay.remove(mark));
    }

    /** Adds a mark that nobody waits for; one that cannot be stored is logged. */
    public void note(Mark mark) {
        CompletableFuture<Mark> unused = add(mark).whenComplete((stored, failure) -> {
            if (failure != null) {
                LOG.warn("the mark \"{}\" of {} could not be stored", mark.text(), mark.at(), failure);
            }
        });
    }

    private void keep(Mark mark) {
        Instant oldest = clock.instant().minus(KEPT_FOR);
        if (!mark.kind().equals(Mark.DEPLOY) || mark.at().isBefore(oldest)) {
            return;
        }
        synchronized (deploys) {
            while (deploys.size() >= KEPT
                    || (!deploys.isEmpty() && deploys.getFirst().at().isBefore(oldest))) {
                deploys.removeFirst();
            }
            deploys.addLast(mark);
        }
    }

    /** When the last deploy at or before {@code t} was that concerns something with these labels. */
    public Optional<Instant> lastDeploy(LabelSet labels, Instant t) {
        synchronized (deploys) {
            for (Iterator<Mark> newest = deploys.descendingIterator(); newest.hasNext(); ) {
                Mark mark = newest.next();
                if (!mark.at().isAfter(t) && mark.concerns(labels)) {
                    return Optional.of(mark.at());
                }
            }
        }
        return Optional.empty();
    }

    /** The newest marks of a stretch of time, oldest first; at most 1,000. */
    public List<Mark> between(Instant from, Instant to) {
        List<Mark> coming = underWay.stream()
                .filter(mark -> !mark.at().isBefore(from) && mark.at().isBefore(to))
                .toList();
        List<Mark> stored = store.read(from, to, KEPT);
        return coming.isEmpty() ? stored : joined(stored, coming);
    }

    /** One of those that were coming may have arrived meanwhile. */
    private static List<Mark> joined(List<Mark> stored, List<Mark> coming) {
        List<Mark> all = new ArrayList<>(stored);
        coming.stream().filter(mark -> !stored.contains(mark)).forEach(all::add);
        all.sort(Comparator.comparing(Mark::at));
        return List.copyOf(all.subList(Math.max(0, all.size() - KEPT), all.size()));
    }
}
