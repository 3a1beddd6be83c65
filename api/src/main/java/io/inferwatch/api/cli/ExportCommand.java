package io.inferwatch.api.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code inferwatch export --metric llm.ttft --format hlog --from -24h --file ttft.hlog}. */
@Command(name = "export", description = "Windows of a metric, as CSV or as a standard HdrHistogram log.")
final class ExportCommand extends ClientCommand {
    /** What a file can be written as. */
    enum Format {
        csv,
        hlog
    }

    @Option(
            names = "--metric",
            required = true,
            paramLabel = "METRIC",
            description = "a metric of the catalogue, for example llm.ttft")
    String metric = "";

    @Option(names = "--format", paramLabel = "csv|hlog", description = "csv (default), or hlog: HdrHistogram log")
    Format format = Format.csv;

    @Option(names = "--from", paramLabel = "TIME", description = "start of the range (default -1h)")
    String from = "-1h";

    @Option(names = "--to", paramLabel = "TIME", description = "end of the range (default now)")
    @Nullable String to;

    @Option(names = "--step", paramLabel = "DURATION", description = "length of a window (default 10s)")
    @Nullable String step;

    @Option(names = "--by", paramLabel = "LABELS", description = "labels that make groups, a comma list")
    @Nullable String by;

    @Option(names = "--where", paramLabel = "LABEL:VALUE", description = "label:value, label:glob*, label:!value")
    List<String> where = new ArrayList<>();

    @Option(names = "-p", paramLabel = "LIST", description = "percentiles of csv (default 50,90,95,99,99.9)")
    @Nullable String percentiles;

    @Option(names = "--file", paramLabel = "FILE", description = "where to; without it to standard output")
    @Nullable Path file;

    private final LongSupplier nanos;
    private long windows;
    private long bytes;

    ExportCommand() {
        this(System::nanoTime);
    }

    /** @param nanos the monotonic clock */
    ExportCommand(LongSupplier nanos) {
        this.nanos = nanos;
    }

    @Override
    int run(ApiClient api) {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(api.stream("/api/v1/export", query()), StandardCharsets.UTF_8))) {
            if (file == null) {
                copy(in, new OutputStreamWriter(System.out, StandardCharsets.UTF_8), System.out::checkError);
            } else {
                copyTo(file, in);
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    InferwatchCommand.NOT_HERE, "the export ended early: " + e.getMessage() + "; it is not complete");
        }
        if (file != null) {
            tell(file);
        }
        return 0;
    }

    private List<Map.Entry<String, String>> query() {
        List<Map.Entry<String, String>> query = new ArrayList<>();
        query.add(Map.entry("metric", metric));
        query.add(Map.entry("format", format.name()));
        query.add(Map.entry("from", from));
        Optional.ofNullable(to).ifPresent(time -> query.add(Map.entry("to", time)));
        Optional.ofNullable(step).ifPresent(length -> query.add(Map.entry("step", length)));
        Optional.ofNullable(by).ifPresent(labels -> query.add(Map.entry("by", labels)));
        Optional.ofNullable(percentiles).ifPresent(list -> query.add(Map.entry("p", list)));
        where.forEach(matcher -> query.add(Map.entry("where", matcher)));
        return query;
    }

    /** Under another name until it is whole. */
    private void copyTo(Path target, BufferedReader in) throws IOException {
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        try (Writer out = Files.newBufferedWriter(partial, StandardCharsets.UTF_8)) {
            copy(in, out, () -> false);
        }
        Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
    }

    /** @param isEnough whether nobody reads any more, as after {@code | head} */
    private void copy(BufferedReader in, Writer out, BooleanSupplier isEnough) throws IOException {
        Progress progress = new Progress(System.err, nanos);
        for (String line = in.readLine(); line != null && !isEnough.getAsBoolean(); line = in.readLine()) {
            out.write(line);
            out.write('\n');
            bytes += line.length() + 1L;
            windows += isWindow(line) ? 1 : 0;
            progress.tell(() -> windows + " windows, " + bytes / 1024 + " KiB so far");
        }
        out.flush();
    }

    /** A line that is no heading, and none of the comments of an HdrHistogram log. */
    private boolean isWindow(String line) {
        return format == Format.csv ? !line.startsWith("metric,") : !line.startsWith("#") && !line.startsWith("\"");
    }

    private void tell(Path target) {
        if (asJson()) {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("metric", metric);
            told.put("format", format.name());
            told.put("file", target.toString());
            told.put("windows", windows);
            System.out.println(Json.text(told));
        } else {
            System.out.println(windows + " windows of " + metric + " in " + target);
        }
    }
}
