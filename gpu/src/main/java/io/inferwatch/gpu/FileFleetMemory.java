package io.inferwatch.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The expected GPUs as a text file that can be read and edited: a line a GPU, UUID, index and name with tabs
 * between, {@code dismissed} before one that is absent and not missed.
 * Written aside and moved, so that a death in between leaves the old file.
 */
public final class FileFleetMemory implements FleetMemory {
    private static final Logger log = LoggerFactory.getLogger(FileFleetMemory.class);
    private static final int MOST_GPUS = 1024;
    private static final String DISMISSED = "dismissed ";

    private final Path file;

    /** @param file need not exist; its folder must by the time something is remembered */
    public FileFleetMemory(Path file) {
        this.file = file;
    }

    @Override
    public synchronized Remembered recall() {
        List<GpuIdentity> expected = new ArrayList<>();
        List<GpuIdentity> dismissed = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                List<GpuIdentity> list = line.startsWith(DISMISSED) ? dismissed : expected;
                if (list.size() < MOST_GPUS) {
                    parsed(line.startsWith(DISMISSED) ? line.substring(DISMISSED.length()) : line)
                            .ifPresent(list::add);
                }
            }
            return new Remembered(expected, dismissed);
        } catch (NoSuchFileException none) {
            return Remembered.NOTHING;
        } catch (IOException unreadable) {
            log.warn("{} cannot be read, so the expected GPUs are learned anew: {}", file, unreadable.toString());
            return Remembered.NOTHING;
        }
    }

    @Override
    public synchronized void remember(Remembered gpus) {
        String text = Stream.concat(
                        gpus.expected().stream().map(FileFleetMemory::line),
                        gpus.dismissed().stream().map(gpu -> DISMISSED + line(gpu)))
                .collect(Collectors.joining());
        Path aside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(
                    aside,
                    text,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.SYNC);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            log.warn(
                    "{} cannot be written, so a restart will not miss a GPU that is lost: {}", file, failed.toString());
        }
    }

    private static String line(GpuIdentity gpu) {
        return gpu.uuid() + "\t" + gpu.index() + "\t" + gpu.name().replaceAll("\\p{Cntrl}", " ") + "\n";
    }

    private static Optional<GpuIdentity> parsed(String line) {
        String[] parts = line.split("\t", 3);
        if (parts.length < 3 || !parts[0].startsWith("GPU-")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new GpuIdentity(Integer.parseInt(parts[1]), parts[0], parts[2]));
        } catch (NumberFormatException noIndex) {
            return Optional.empty();
        }
    }
}
