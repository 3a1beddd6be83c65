package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers, on disk, in which life of the operating system the journal was opened, and whether it was closed. Only a
 * journal left open by an earlier life can lack records that were in the page cache: a killed process leaves them there.
 */
final class MachineStop {
    private static final Logger LOG = LoggerFactory.getLogger(MachineStop.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Pattern FORM = Pattern.compile("boot=([0-9a-zA-Z-]{0,64}) (open|closed)\n");

    private final SegmentFiles files;
    private final String bootId;
    private final boolean wasStopped;

    /**
     * Says durably that the journal is open, before anything is appended.
     *
     * @param bootId as {@link #bootId()} gives it; empty where it is not known, and then no stop is ever seen
     */
    MachineStop(SegmentFiles files, String bootId) throws IOException {
        this.files = files;
        this.bootId = bootId;
        Optional<Matcher> before = files.session().map(FORM::matcher).filter(Matcher::matches);
        boolean wasOpen = before.isPresent() && before.get().group(2).equals("open");
        boolean isOtherLife = before.isPresent() && !before.get().group(1).equals(bootId);
        wasStopped = wasOpen && isOtherLife && !bootId.isEmpty();
        if (!wasOpen || isOtherLife) {
            files.writeSession(line("open"));
        }
    }

    /**
     * How many records a stop of the machine may have taken, judged by those that are there. It fell between two syncs, or
     * into one: counted is what came in the busiest stretch of twice that length. 0 when there was no stop, or when
     * nothing is acknowledged before it is on disk.
     */
    long lostAtMost(SegmentChain chain, JournalConfig config) {
        if (!wasStopped || config.isStrict()) {
            return 0;
        }
        long stretchMillis = 2 * config.syncEvery().toMillis();
        long atMost = BusiestStretch.records(chain, stretchMillis);
        LOG.error(
                "journal: the machine stopped while it was open; at most about {} journal records of its last {} ms are lost",
                atMost,
                stretchMillis);
        return atMost;
    }

    /** To be called when everything is on disk. */
    void closed() {
        try {
            files.writeSession(line("closed"));
        } catch (IOException failure) {
            LOG.warn(
                    "journal: that it was closed cannot be noted; a stop of the machine now will look like a loss",
                    failure);
        }
    }

    private String line(String state) {
        return "boot=" + bootId + " " + state + "\n";
    }

    /** Linux gives each boot a random one, {@code random(4)}; the same in every container of the machine. */
    static String bootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException unknown) {
            return "";
        }
    }
}
