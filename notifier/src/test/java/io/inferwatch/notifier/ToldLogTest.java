package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToldLogTest {
    @TempDir
    Path directory;

    @Test
    void emptyFile_holdsNothingAndIsNotDamaged() throws IOException {
        ToldLog log = new ToldLog(Files.createFile(directory.resolve("told.log")));
        assertThat(log.load()).isEmpty();
        assertThat(log.damagedLines()).isZero();
    }

    @Test
    void lineThatIsNone_isCountedAsDamaged() throws IOException {
        ToldLog log = new ToldLog(Files.writeString(directory.resolve("told.log"), "no such line\n"));
        assertThat(log.load()).isEmpty();
        assertThat(log.damagedLines()).isEqualTo(1);
    }
}
