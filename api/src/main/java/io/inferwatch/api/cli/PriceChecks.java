package io.inferwatch.api.cli;

import io.inferwatch.api.config.Configuration;
import io.inferwatch.collector.cost.PriceFile;
import io.inferwatch.collector.cost.PriceTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What doctor says of what requests cost. */
final class PriceChecks {
    private static final String SUBJECT = "prices";
    /** Of each list, and of how many there are more. */
    private static final int MOST_TOLD = 5;

    private final Checkup checkup;

    PriceChecks(Checkup checkup) {
        this.checkup = checkup;
    }

    void file(Configuration configuration) {
        Optional<Path> path = configuration.optionalPath("prices.file");
        if (path.isEmpty()) {
            checkup.ok(SUBJECT, "no price table: requests cost what their senders say");
            return;
        }
        switch (new PriceFile(path.get()).look()) {
            case PriceFile.Look.Read read -> table(path.get(), read.table());
            case PriceFile.Look.Failed failed ->
                checkup.wrong(SUBJECT, failed.reason() + "; the table before stays in force, if there was one");
            case PriceFile.Look.Absent absent -> {
                if (configuration.setting("prices.file").isDefault()) {
                    checkup.ok(SUBJECT, "no price table at " + path.get() + ": requests cost what their senders say");
                } else {
                    checkup.wrong(SUBJECT, "nothing at " + path.get() + "; correct prices.file");
                }
            }
            case PriceFile.Look.Unchanged unchanged -> throw new IllegalStateException("a first look sees something");
        }
    }

    private void table(Path path, PriceTable table) {
        checkup.ok(SUBJECT, path + ": " + table.size() + " models priced");
        table.problems().stream().limit(MOST_TOLD).forEach(problem -> checkup.note(SUBJECT, path + " " + problem));
        if (table.problems().size() > MOST_TOLD) {
            checkup.note(SUBJECT, path + ": " + (table.problems().size() - MOST_TOLD) + " problems more");
        }
    }

    /** @param windows requests without a price in the last day, by model, as {@code GET /api/v1/windows} answers */
    void unpriced(Map<String, Object> windows) {
        List<String> models = Json.objects(windows, "series").stream()
                .filter(series -> series.get("value") instanceof Number count && count.doubleValue() > 0)
                .map(series ->
                        String.valueOf(Json.asObject(series.get("labels")).get("model")))
                .sorted()
                .toList();
        if (!models.isEmpty()) {
            checkup.note(
                    SUBJECT,
                    "in the last day requests of " + models.size() + " models had no price; add them: "
                            + models.stream().limit(MOST_TOLD).collect(Collectors.joining(", "))
                            + (models.size() > MOST_TOLD ? " …" : ""));
        }
    }
}
