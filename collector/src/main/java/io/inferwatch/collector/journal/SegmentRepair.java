package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Sets a damaged segment aside as {@code *.corrupt-<time>} and puts in its place a copy of every record that is still
 * whole. The copy is complete and on disk before the original moves.
 */
final class SegmentRepair {
    private static final int LARGEST_RECORD_BYTES = RecordFormat.HEADER_BYTES + RecordFormat.MAX_PAYLOAD_BYTES;

    /** A damaged length leads Chronicle Queue far behind the records, and it makes the file as long as that. */
    private static final long SLACK_BYTES = 1 << 20;

    private final SegmentFiles files;

    /** @param quarantined where the damaged original lies now */
    record Repaired(Path quarantined, long records, Optional<Segment> segment) {}

    SegmentRepair(SegmentFiles files) {
        this.files = files;
    }

    /**
     * @param damaged sealed; its last sequence number is the highest that was acknowledged from it
     * @throws NoSuchFileException when the segment was deleted
     */
    Repaired repair(Segment damaged, long nowEpochMillis) throws IOException {
        SegmentName name = damaged.name();
        Path copy = files.repairing(name);
        SegmentFiles.deleteTree(copy);
        Path original = SegmentFiles.queueFile(damaged.directory())
                .orElseThrow(() -> new NoSuchFileException(damaged.directory().toString()));
        long records = copy(original, copy, damaged);
        if (records > 0) {
            SegmentFiles.writeSeal(
                    copy, new Seal(damaged.lastSequence(), damaged.lastReceivedEpochMillis(), damaged.bytes()));
            SegmentFiles.force(SegmentFiles.queueFile(copy).orElseThrow());
            SegmentFiles.force(copy);
        }
        Path quarantined = files.quarantine(name, nowEpochMillis);
        if (records > 0) {
            Files.move(copy, files.directory(name), StandardCopyOption.ATOMIC_MOVE);
        } else {
            SegmentFiles.deleteTree(copy);
        }
        files.sync();
        return new Repaired(quarantined, records, records > 0 ? Optional.of(copyOf(damaged)) : Optional.empty());
    }

    private Segment copyOf(Segment damaged) {
        Seal seal = new Seal(damaged.lastSequence(), damaged.lastReceivedEpochMillis(), damaged.bytes());
        return new Segment(damaged.name(), files.directory(damaged.name()), seal);
    }

    private static long copy(Path original, Path copy, Segment damaged) throws IOException {
        ByteBuffer scratch = ByteBuffer.allocateDirect(LARGEST_RECORD_BYTES);
        long records = 0;
        long newest = damaged.firstSequence() - 1;
        try (SegmentScan scan = new SegmentScan(original, damaged.bytes() + SLACK_BYTES);
                SegmentWriter writer = new SegmentWriter(copy, damaged.name(), scratch)) {
            while (scan.next()) {
                boolean isInOrder = scan.sequence() > newest && scan.sequence() <= damaged.lastSequence();
                if (scan.kind() == RecordFormat.RECORD && isInOrder) {
                    writer.append(scratch.clear().put(scan.encoded()).flip());
                    newest = scan.sequence();
                    records++;
                }
            }
        }
        return records;
    }
}
