package io.inferwatch.collector.journal;

import io.inferwatch.collector.Journal;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds records without reading the journal from its beginning: segments are chosen by what is known of them, and only
 * the chosen ones are walked. A segment that cannot be read is passed over; the reader of the journal reports it.
 */
final class RecordSearch {
    private static final Logger LOG = LoggerFactory.getLogger(RecordSearch.class);
    private static final int FIRST_OFFSETS = 1024;

    private RecordSearch() {}

    /** Receive times never fall from one record to the next. */
    static OptionalLong firstReceivedSince(SegmentChain chain, long epochMillis) {
        for (Segment segment : chain.oldestFirst()) {
            if (!segment.isEmpty() && segment.lastReceivedEpochMillis() >= epochMillis) {
                OptionalLong found = firstReceivedSince(segment, epochMillis);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong firstReceivedSince(Segment segment, long epochMillis) {
        long last = segment.lastSequence();
        try (SegmentScan scan = new SegmentScan(file(segment))) {
            while (scan.next()) {
                boolean isRecord = scan.kind() == RecordFormat.RECORD && scan.sequence() <= last;
                if (isRecord && scan.receivedEpochMillis() >= epochMillis) {
                    return OptionalLong.of(scan.sequence());
                }
            }
        } catch (IOException | InternalError unreadable) {
            LOG.warn("journal segment {} cannot be searched", segment, unreadable);
        }
        return OptionalLong.empty();
    }

    static void scanBackward(SegmentChain chain, Journal.BackwardVisitor visitor) {
        for (Segment segment : chain.newestFirst()) {
            if (!segment.isEmpty() && !scanBackward(segment, visitor)) {
                return;
            }
        }
    }

    private static boolean scanBackward(Segment segment, Journal.BackwardVisitor visitor) {
        long last = segment.lastSequence();
        try (SegmentScan scan = new SegmentScan(file(segment))) {
            int[] offsets = offsets(scan, last);
            for (int i = offsets.length - 1; i >= 0; i--) {
                scan.moveTo(offsets[i]);
                if (!visitor.record(scan.sequence(), scan.receivedEpochMillis(), scan.payload())) {
                    return false;
                }
            }
        } catch (IOException | InternalError unreadable) {
            LOG.warn("journal segment {} cannot be searched", segment, unreadable);
        }
        return true;
    }

    private static int[] offsets(SegmentScan scan, long lastSequence) {
        int[] offsets = new int[FIRST_OFFSETS];
        int count = 0;
        while (scan.next()) {
            if (scan.kind() == RecordFormat.RECORD && scan.sequence() <= lastSequence) {
                if (count == offsets.length) {
                    offsets = Arrays.copyOf(offsets, count * 2);
                }
                offsets[count++] = scan.offset();
            }
        }
        return Arrays.copyOf(offsets, count);
    }

    private static Path file(Segment segment) throws IOException {
        return SegmentFiles.queueFile(segment.directory())
                .orElseThrow(() -> new NoSuchFileException(segment.directory().toString()));
    }
}
