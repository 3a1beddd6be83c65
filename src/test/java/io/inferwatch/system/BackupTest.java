package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RequestRecord;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import io.inferwatch.system.support.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves a running sidecar: a backup that starts as it is, and windows for other tools. */
@Tag("durability")
class BackupTest {
    private static final int RECORDS = 6_000;
    private static final String RULES = """
            version: 1
            include: [builtin]
            """;

    @TempDir
    Path folder;

    private static String percentiles(SidecarApi api, String model) {
        return api.read(
                        "/api/v1/percentiles",
                        "metric",
                        "llm.ttft",
                        "p",
                        "50,99,99.9",
                        "where",
                        "model:" + model,
                        "from",
                        "-1h")
                .path("series")
                .toString();
    }

    private static long count(SidecarApi api, String model) {
        JsonNode answer =
                api.read("/api/v1/percentiles", "metric", "llm.ttft", "where", "model:" + model, "from", "-1h");
        return answer.path("series").path(0).path("count").asLong();
    }

    @Test
    void copyAnswersAsTheOriginalDid_whenItIsTakenUnderLoad() throws Exception {
        Path copy = folder.resolve("copy");
        String before;
        AtomicLong taken = new AtomicLong();
        try (RunningSidecar sidecar = RunningSidecar.with().rules(RULES).start()) {
            sidecar.api().push(new Traffic(3, "quiet").take(RECORDS, 1, "chat"));
            Await.until("visible", Duration.ofSeconds(5), () -> count(sidecar.api(), "model-0") == RECORDS);
            before = percentiles(sidecar.api(), "model-0");
            AtomicBoolean isOver = new AtomicBoolean();
            Thread load = Thread.ofVirtual().start(() -> {
                Traffic busy = new Traffic(4, "busy");
                while (!isOver.get()) {
                    List<RequestRecord> records = busy.take(500, 2, "chat").stream()
                            .filter(record -> record.model().equals("model-1"))
                            .toList();
                    taken.addAndGet(sidecar.api().push(records).path("accepted").asLong());
                }
            });
            Await.until("busy", Duration.ofSeconds(5), () -> count(sidecar.api(), "model-1") > 0);

            Launcher.Ended ended = cli(sidecar, "backup", copy.toString(), "-o", "json");

            isOver.set(true);
            load.join();
            assertThat(ended.exitCode()).as(ended.all()).isZero();
            assertThat(ended.out()).contains("\"database\":true");
            assertThat(sidecar.data().resolve("backup.partial")).doesNotExist();
            assertThat(cli(sidecar, "backup", copy.toString()).exitCode())
                    .as("nothing is overwritten")
                    .isEqualTo(2);
        }
        assertThat(copy.resolve("admin.token")).doesNotExist();
        assertThat(Files.readString(copy.resolve("rules/rules.yml"))).isEqualTo(RULES);

        try (RunningSidecar restored = RunningSidecar.with().data(copy).start()) {
            assertThat(percentiles(restored.api(), "model-0")).isEqualTo(before);
            assertThat(count(restored.api(), "model-1")).isPositive().isLessThanOrEqualTo(taken.get());
            Await.value(
                    "all parts are well",
                    Duration.ofSeconds(10),
                    () -> restored.api().read("/health/ready"),
                    health -> health.path("status").asText().equals("ready"));
            assertThat(restored.api()
                            .push(new Traffic(3, "quiet").take(RECORDS, 1, "chat"))
                            .path("duplicates")
                            .asInt())
                    .as("ids are remembered too")
                    .isEqualTo(RECORDS);
        }
    }

    @Test
    void export_isReadByOtherTools() throws IOException {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            sidecar.api().push(new Traffic(5, "e").take(300, 3, "chat"));
            Await.until("visible", Duration.ofSeconds(5), () -> count(sidecar.api(), "*") == 300);

            Launcher.Ended csv = cli(sidecar, "export", "--metric", "llm.ttft", "--format", "csv", "--by", "model");
            assertThat(csv.exitCode()).as(csv.all()).isZero();
            List<String> lines = csv.out().lines().toList();
            assertThat(lines.getFirst()).startsWith("metric,unit,from,to,model,provenance,observer,count,min,max,");
            assertThat(lines.stream()
                            .skip(1)
                            .mapToLong(line -> Long.parseLong(line.split(",")[7]))
                            .sum())
                    .isEqualTo(300);

            Path log = folder.resolve("ttft.hlog");
            Launcher.Ended hlog = cli(
                    sidecar,
                    "export",
                    "--metric",
                    "llm.ttft",
                    "--format",
                    "hlog",
                    "--by",
                    "model",
                    "--file",
                    log.toString(),
                    "-o",
                    "json");
            assertThat(hlog.exitCode()).as(hlog.all()).isZero();
            assertThat(hlog.out()).contains("\"metric\":\"llm.ttft\"").contains("\"windows\":");
            List<String> tags = new ArrayList<>();
            long read = 0;
            try (HistogramLogReader reader = new HistogramLogReader(log.toFile())) {
                while (reader.hasNext()) {
                    Histogram window = (Histogram) reader.nextIntervalHistogram();
                    tags.add(window.getTag());
                    read += window.getTotalCount();
                }
            }
            assertThat(read).isEqualTo(300);
            assertThat(tags).contains("model=model-0", "model=model-1", "model=model-2");

            Launcher.Ended misspelt = cli(sidecar, "export", "--metric", "llm.tttf");
            assertThat(misspelt.exitCode()).isEqualTo(1);
            assertThat(misspelt.err()).contains("llm.ttft");
        }
    }

    private Launcher.Ended cli(RunningSidecar sidecar, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(
                List.of("--port", sidecar.port() + "", "--data", sidecar.data().toString()));
        return Launcher.run(folder, Map.of(), all.toArray(String[]::new));
    }
}
