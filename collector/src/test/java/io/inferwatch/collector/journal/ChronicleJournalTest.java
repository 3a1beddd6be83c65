package io.inferwatch.collector.journal;

import io.inferwatch.collector.Journal;
import io.inferwatch.collector.testing.JournalContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ChronicleJournalTest extends JournalContract {
    @TempDir
    Path data = Path.of("");

    @Override
    protected Journal create() throws IOException {
        ChronicleJournal created =
                ChronicleJournal.open(data.resolve("journal"), JournalConfig.DEFAULT, clock, clock::nanos);
        created.raiseSequenceAbove(0);
        return created;
    }

    @Override
    protected Journal reopen() throws IOException {
        journal.close();
        return create();
    }
}
