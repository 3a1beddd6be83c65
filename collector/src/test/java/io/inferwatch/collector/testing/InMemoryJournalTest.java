package io.inferwatch.collector.testing;

import io.inferwatch.collector.Journal;

class InMemoryJournalTest extends JournalContract {
    @Override
    protected Journal create() {
        return new InMemoryJournal(clock);
    }

    @Override
    protected Journal reopen() {
        return journal;
    }
}
