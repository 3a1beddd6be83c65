package io.inferwatch.collector.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PriceFileTest {
    @TempDir
    private Path folder;

    private static String table(String model) {
        return "{\"" + model + "\":{\"input_cost_per_token\":1e-6}}";
    }

    @Test
    void isReadAgain_onlyWhenItChanged() throws IOException {
        Path path = folder.resolve("prices.json");
        PriceFile file = new PriceFile(path);
        assertThat(file.look()).isInstanceOf(PriceFile.Look.Absent.class);
        assertThat(file.look()).isInstanceOf(PriceFile.Look.Unchanged.class);

        Files.writeString(path, table("first"));
        assertThat(file.look())
                .isInstanceOfSatisfying(
                        PriceFile.Look.Read.class,
                        read -> assertThat(read.table().knows("first")).isTrue());
        assertThat(file.look()).isInstanceOf(PriceFile.Look.Unchanged.class);

        Files.writeString(path, table("other"));
        Files.setLastModifiedTime(path, FileTime.fromMillis(1_790_000_000_000L));
        assertThat(file.look())
                .isInstanceOfSatisfying(
                        PriceFile.Look.Read.class,
                        read -> assertThat(read.table().knows("other")).isTrue());

        Files.writeString(path, table("other").substring(0, 20));
        assertThat(file.look())
                .isInstanceOfSatisfying(
                        PriceFile.Look.Failed.class,
                        failed -> assertThat(failed.reason()).startsWith(path + " is no JSON at line 1"));
        Files.delete(path);
        assertThat(file.look()).isInstanceOf(PriceFile.Look.Absent.class);
    }

    @Test
    void fails_whenItIsADirectory() {
        assertThat(new PriceFile(folder).look())
                .isInstanceOfSatisfying(
                        PriceFile.Look.Failed.class,
                        failed -> assertThat(failed.reason()).contains("cannot be read"));
    }
}
