package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The segments of the journal in order. Looked at by any thread; changed under its own lock. */
final class SegmentChain {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentChain.class);

    private final SegmentFiles files;
    private final SegmentRepair repair;
    private final ConcurrentSkipListMap<Long, Segment> byFirstSequence = new ConcurrentSkipListMap<>();
    private volatile long sealedBytes;
    private volatile long releasedBelow;
    private final AtomicLong quarantined = new AtomicLong();

    /**
     * Reads what is there. A segment that cannot be read is set aside, not an error.
     *
     * @throws IOException when the directory itself cannot be read or written
     */
    SegmentChain(Path journal, long nowEpochMillis) throws IOException {
        files = new SegmentFiles(journal);
        repair = new SegmentRepair(files);
        releasedBelow = files.releasedBelow();
        List<SegmentName> names = files.list();
        for (int i = 0; i < names.size(); i++) {
            long below = i + 1 < names.size() ? names.get(i + 1).firstSequence() : Long.MAX_VALUE;
            recover(names.get(i), below, nowEpochMillis).ifPresent(this::add);
        }
        countSealedBytes();
    }

    private Optional<Segment> recover(SegmentName name, long below, long nowEpochMillis) throws IOException {
        Path directory = files.directory(name);
        Optional<Seal> sealed = SegmentFiles.readSeal(directory).filter(seal -> seal.lastSequence() < below);
        if (sealed.isPresent()) {
            return Optional.of(new Segment(name, directory, sealed.get()));
        }
        Optional<Path> file = SegmentFiles.queueFile(directory);
        if (file.isEmpty()) {
            files.delete(name);
            return Optional.empty();
        }
        Optional<Seal> found = readRecords(name, file.get(), below);
        if (found.isEmpty()) {
            setAside(name, nowEpochMillis);
            return Optional.empty();
        }
        if (found.get().lastSequence() < name.firstSequence()) {
            files.delete(name);
            return Optional.empty();
        }
        SegmentFiles.writeSeal(directory, found.get());
        return Optional.of(new Segment(name, directory, found.get()));
    }

    /** @return empty when the file is none of ours, or cannot be read */
    private static Optional<Seal> readRecords(SegmentName name, Path file, long below) {
        long lastSequence = name.firstSequence() - 1;
        long lastReceivedEpochMillis = name.notBeforeEpochMillis();
        boolean isOurs = false;
        try (SegmentScan scan = new SegmentScan(file)) {
            while (scan.next()) {
                isOurs = true;
                boolean isInOrder = scan.sequence() > lastSequence && scan.sequence() < below;
                if (scan.kind() == RecordFormat.RECORD && isInOrder && scan.isPublished()) {
                    lastSequence = scan.sequence();
                    lastReceivedEpochMillis = scan.receivedEpochMillis();
                }
            }
            // Published, damaged and behind the last whole record: their numbers were told to somebody.
            lastSequence = Math.min(lastSequence + scan.damagedSinceLastWhole(), below - 1);
            isOurs |= scan.damagedRecords() > 0;
            return isOurs
                    ? Optional.of(new Seal(lastSequence, lastReceivedEpochMillis, scan.endBytes()))
                    : Optional.empty();
        } catch (IOException | RuntimeException | InternalError unreadable) {
            LOG.warn("journal segment {} cannot be read", name, unreadable);
            return Optional.empty();
        }
    }

    private void setAside(SegmentName name, long nowEpochMillis) throws IOException {
        Path aside = files.quarantine(name, nowEpochMillis);
        quarantined.incrementAndGet();
        LOG.error("journal segment {} holds no record that can be read; set aside as {}", name, aside);
    }

    Path directory(SegmentName name) {
        return files.directory(name);
    }

    synchronized void add(Segment segment) {
        byFirstSequence.put(segment.firstSequence(), segment);
    }

    synchronized void sealed(Segment segment) {
        Seal seal = segment.seal();
        try {
            if (segment.isEmpty()) {
                byFirstSequence.remove(segment.firstSequence(), segment);
                files.delete(segment.name());
            } else {
                SegmentFiles.writeSeal(segment.directory(), seal);
            }
        } catch (IOException failure) {
            LOG.warn("journal segment {} is left without its seal; the next start reads its records", segment, failure);
        }
        countSealedBytes();
    }

    Collection<Segment> oldestFirst() {
        return byFirstSequence.values();
    }

    Collection<Segment> newestFirst() {
        return byFirstSequence.descendingMap().values();
    }

    Optional<Segment> newest() {
        return Optional.ofNullable(byFirstSequence.lastEntry()).map(Map.Entry::getValue);
    }

    /** The oldest segment behind this first number that holds, or may come to hold, a record from that one on. */
    Optional<Segment> next(long behindFirstSequence, long fromSequence) {
        for (Segment segment :
                byFirstSequence.tailMap(behindFirstSequence, false).values()) {
            boolean isSealed = segment.isSealed();
            if (!isSealed || segment.lastSequence() >= fromSequence) {
                return Optional.of(segment);
            }
        }
        return Optional.empty();
    }

    /**
     * Puts a copy of what is whole in the place of a damaged segment.
     *
     * @param damaged sealed
     * @return what happened, for people; the chain goes on with the copy, or without the segment
     */
    synchronized String repair(Segment damaged, long nowEpochMillis) {
        if (byFirstSequence.get(damaged.firstSequence()) != damaged) {
            return "segment " + damaged + " was damaged";
        }
        byFirstSequence.remove(damaged.firstSequence());
        String told = tryRepair(damaged, nowEpochMillis);
        LOG.error("journal: {}", told);
        countSealedBytes();
        return told;
    }

    private String tryRepair(Segment damaged, long nowEpochMillis) {
        try {
            SegmentRepair.Repaired repaired = repair.repair(damaged, nowEpochMillis);
            quarantined.incrementAndGet();
            repaired.segment().ifPresent(this::add);
            return "segment %s is damaged: %d whole records kept, set aside as %s"
                    .formatted(
                            damaged, repaired.records(), repaired.quarantined().getFileName());
        } catch (NoSuchFileException gone) {
            return "segment " + damaged + " was deleted";
        } catch (IOException | RuntimeException | InternalError failure) {
            LOG.warn("journal segment {} cannot be repaired; it stays where it is", damaged, failure);
            add(damaged);
            return "segment " + damaged + " cannot be read: " + failure.getMessage();
        }
    }

    /** Deletes every segment wholly below, except the newest. */
    synchronized void releaseBelow(long sequence) {
        if (sequence <= releasedBelow) {
            return;
        }
        releasedBelow = sequence;
        try {
            files.writeReleasedBelow(sequence);
        } catch (IOException failure) {
            // A full disk must not keep the files whose deletion would help it; at worst they are counted as lost.
            LOG.warn("journal: what is released below {} cannot be noted", sequence, failure);
        }
        try {
            deleteReleased(1);
        } catch (IOException failure) {
            LOG.warn("journal files below {} cannot be deleted; tried again with the next release", sequence, failure);
        }
        countSealedBytes();
    }

    /** As {@link #releaseBelow}, after a segment was sealed; the newest goes too: its numbers are known. */
    synchronized void deleteAllReleased() {
        try {
            deleteReleased(0);
        } catch (IOException failure) {
            LOG.warn("journal files cannot be deleted", failure);
        }
        countSealedBytes();
    }

    private void deleteReleased(int kept) throws IOException {
        boolean isChanged = false;
        for (Segment segment : byFirstSequence.values()) {
            boolean isNeeded = !segment.isSealed() || segment.lastSequence() >= releasedBelow;
            if (isNeeded || byFirstSequence.size() <= kept) {
                break;
            }
            files.delete(segment.name());
            byFirstSequence.remove(segment.firstSequence());
            isChanged = true;
        }
        if (isChanged) {
            files.sync();
        }
    }

    /** Under the lock, so that no segment is deleted or repaired half way. */
    synchronized void linkSealed(Path folder) throws IOException {
        Files.createDirectories(folder);
        files.linkReleased(folder);
        for (Segment segment : byFirstSequence.values()) {
            if (segment.isSealed()) {
                files.link(segment.name(), folder);
            }
        }
    }

    long releasedBelow() {
        return releasedBelow;
    }

    long sealedBytes() {
        return sealedBytes;
    }

    long quarantined() {
        return quarantined.get();
    }

    private void countSealedBytes() {
        sealedBytes = byFirstSequence.values().stream()
                .filter(Segment::isSealed)
                .mapToLong(Segment::bytes)
                .sum();
    }
}
