package io.inferwatch.collector.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LostRecordsTest {
    private final LostRecords lost = new LostRecords();

    @Test
    void overlapsAreCountedOnce() {
        lost.count(10, 19);
        lost.count(30, 39);
        assertThat(lost.records()).isEqualTo(20);
        lost.count(10, 19);
        lost.count(12, 15);
        assertThat(lost.records()).isEqualTo(20);
        lost.count(15, 34);
        assertThat(lost.records()).isEqualTo(30);
        lost.count(1, 100);
        assertThat(lost.records()).isEqualTo(100);
    }
}
