package io.inferwatch.collector.journal;

import io.inferwatch.collector.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the segments one after the other. Chronicle Queue says nothing when it stops at a damaged page, so what it
 * reached is compared with what was acknowledged; where that falls short the segment is repaired and read again.
 */
final class JournalReader implements Journal.Reader {
    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

    private final SegmentChain chain;
    private final Function<Segment, String> repair;
    private final LostRecords lost;

    private long next;
    private long leftFirstSequence = Long.MIN_VALUE;
    private long repairedFirstSequence = Long.MIN_VALUE;
    private @Nullable SegmentTailer tailer;
    /** Read from the tailer and not yet known to be acknowledged. */
    private @Nullable ByteBuffer held;
    /** Records with a broken checksum since the last whole one. */
    private long damaged;

    private String damage = "";

    private enum Step {
        DELIVERED,
        SKIPPED,
        WAIT,
        ENDED,
        BROKEN
    }

    /** @param repair seals the segment, repairs it, and says what happened */
    JournalReader(SegmentChain chain, long fromSequence, Function<Segment, String> repair, LostRecords lost) {
        this.chain = chain;
        this.next = Math.max(1, fromSequence);
        this.repair = repair;
        this.lost = lost;
    }

    @Override
    public boolean poll(Journal.Handler handler) {
        for (SegmentTailer open = open(); open != null; open = open()) {
            switch (step(open, handler)) {
                case DELIVERED -> {
                    return true;
                }
                case WAIT -> {
                    return false;
                }
                case SKIPPED -> {}
                case ENDED -> leave(open.segment());
                case BROKEN -> repair(open.segment());
            }
        }
        return false;
    }

    /** The tailer in use, or that of the next segment; {@code null} when there is none yet. */
    private @Nullable SegmentTailer open() {
        while (tailer == null) {
            Optional<Segment> found = chain.next(leftFirstSequence, next);
            if (found.isEmpty()) {
                return null;
            }
            try {
                tailer = new SegmentTailer(found.get());
            } catch (IOException | RuntimeException | InternalError unreadable) {
                LOG.warn("journal segment {} cannot be opened", found.get(), unreadable);
                repair(found.get());
            }
        }
        return tailer;
    }

    private Step step(SegmentTailer open, Journal.Handler handler) {
        Segment segment = open.segment();
        // In this order: what is acknowledged now was written before it is looked for below.
        boolean isSealed = segment.isSealed();
        long last = segment.lastSequence();
        ByteBuffer document = held;
        held = null;
        if (document == null) {
            try {
                document = open.next();
            } catch (RuntimeException | InternalError unreadable) {
                LOG.warn("journal segment {} cannot be read behind record {}", segment, next - 1, unreadable);
                return Step.BROKEN;
            }
        }
        if (document == null) {
            boolean isAllRead = next + damaged > last;
            return !isAllRead ? Step.BROKEN : isSealed ? Step.ENDED : Step.WAIT;
        }
        return switch (RecordFormat.check(document)) {
            case FOREIGN -> Step.BROKEN;
            case DAMAGED -> {
                damaged++;
                damage = "checksum does not fit";
                yield Step.SKIPPED;
            }
            case WHOLE -> take(document, isSealed, last, handler);
        };
    }

    private Step take(ByteBuffer document, boolean isSealed, long last, Journal.Handler handler) {
        long sequence = RecordFormat.sequence(document, 0);
        if (RecordFormat.kind(document, 0) != RecordFormat.RECORD || sequence < next) {
            return Step.SKIPPED;
        }
        if (sequence > last) {
            if (isSealed) {
                // Its append failed after it was published; the number was given to another.
                return Step.SKIPPED;
            }
            held = document;
            return Step.WAIT;
        }
        tellLost(sequence, handler);
        next = sequence + 1;
        handler.record(sequence, RecordFormat.receivedEpochMillis(document, 0), RecordFormat.payload(document, 0));
        return Step.DELIVERED;
    }

    private void tellLost(long sequence, Journal.Handler handler) {
        long firstLost = Math.max(next, chain.releasedBelow());
        if (firstLost < sequence) {
            lost.count(firstLost, sequence - 1);
            handler.lost(sequence - firstLost, damage.isEmpty() ? "missing from the journal" : damage);
        }
        damaged = 0;
        damage = "";
    }

    private void leave(Segment segment) {
        closeTailer();
        leftFirstSequence = segment.firstSequence();
    }

    private void repair(Segment segment) {
        closeTailer();
        damaged = 0;
        damage = repair.apply(segment);
        if (repairedFirstSequence == segment.firstSequence()) {
            // Damaged again right after it was written anew: the disk is at fault, and the rest is worth more.
            leftFirstSequence = segment.firstSequence();
        }
        repairedFirstSequence = segment.firstSequence();
    }

    private void closeTailer() {
        SegmentTailer open = tailer;
        tailer = null;
        held = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        closeTailer();
    }
}
