package io.inferwatch.api.cli;

import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inferwatch backtest rules.yml --from -7d}. */
@Command(
        name = "backtest",
        description = "What rules would have done and sent over the history of a running sidecar. Sends nothing.")
final class BacktestCommand extends ClientCommand {
    private static final String PATH = "/api/v1/rules/backtest";
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final Duration look;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "a rules file; none: the rules in force")
    @Nullable Path file;

    @Option(names = "--from", paramLabel = "TIME", description = "start of the range (default -24h)")
    String from = "-24h";

    @Option(names = "--to", paramLabel = "TIME", description = "end of the range (default now)")
    String to = "now";

    BacktestCommand() {
        this(LOOK);
    }

    /** @param look how often the sidecar is asked how far it has come */
    BacktestCommand(Duration look) {
        this.look = look;
    }

    @Override
    int run(ApiClient api) {
        String rules = file == null ? "" : read(file);
        CountDownLatch ended = new CountDownLatch(1);
        Thread watcher = Thread.ofVirtual().start(() -> tellProgress(api, ended));
        String answer;
        try {
            answer = api.postRules(PATH, List.of(Map.entry("from", from), Map.entry("to", to)), rules);
        } finally {
            ended.countDown();
            watcher.interrupt();
        }
        System.out.print(asJson() ? answer + "\n" : text(Json.object(answer)));
        return 0;
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > YamlReader.MAX_BYTES) {
                throw new CommandFailure(
                        InferwatchCommand.WRONG, file + ": a file may have at most " + YamlReader.MAX_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new CommandFailure(InferwatchCommand.USAGE, file + " cannot be read: " + e);
        }
    }

    /** To standard error, so that what is printed can be piped. */
    private void tellProgress(ApiClient api, CountDownLatch ended) {
        try {
            while (!ended.await(look.toMillis(), TimeUnit.MILLISECONDS)) {
                Map<String, Object> now = Json.object(api.get(PATH, List.of()));
                if (now.containsKey("at")) {
                    System.err.println("inferwatch: " + percent(now) + " % · at " + now.get("at"));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (CommandFailure e) {
            // The run itself will say what is wrong.
        }
    }

    private static long percent(Map<String, Object> now) {
        Instant begin = Instant.parse(String.valueOf(now.get("from")));
        double whole = Duration.between(begin, Instant.parse(String.valueOf(now.get("to"))))
                .toMillis();
        double done = Duration.between(begin, Instant.parse(String.valueOf(now.get("at"))))
                .toMillis();
        return Math.round(Math.clamp(100 * done / Math.max(1, whole), 0.0, 100.0));
    }

    private static String text(Map<String, Object> answer) {
        StringBuilder out = new StringBuilder();
        Json.asList(answer.get("warnings"))
                .forEach(warning -> out.append("warning: ").append(warning).append('\n'));
        Table table = new Table("RULE", "WEEK", "OPENED", "TIER CHANGES", "CLOSED", "SENT");
        List<String> quiet = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Map<String, Object> rule : Json.objects(answer, "rules")) {
            List<Map<String, Object>> weeks = Json.objects(rule, "weeks");
            String name = cell(rule.get("name"));
            weeks.forEach(week -> table.row(
                    name,
                    cell(week.get("week")),
                    pairs(week.get("opened")),
                    cell(week.get("tier_changes")),
                    cell(week.get("closed")),
                    sent(week)));
            if (weeks.isEmpty()) {
                quiet.add(name);
            }
            if (rule.get("unknown_seconds") instanceof Number seconds && seconds.longValue() > 0) {
                unknown.add(name + " for "
                        + io.inferwatch.rules.yaml.Durations.format(Duration.ofSeconds(seconds.longValue())));
            }
        }
        out.append(answer.get("from")).append(" to ").append(answer.get("to")).append('\n');
        out.append(
                quiet.size() == Json.objects(answer, "rules").size() ? "nothing would have fired\n" : table.toString());
        line(out, "silent: ", quiet);
        line(out, "UNKNOWN, since the history is too coarse: ", unknown);
        if (answer.get("skipped_ticks") instanceof Number skipped && skipped.longValue() > 0) {
            out.append("left out where nothing shows that the sidecar ran: ")
                    .append(skipped)
                    .append(" ticks\n");
        }
        if (Boolean.FALSE.equals(answer.get("complete"))) {
            out.append("stopped there: the time for one run was over; go on with --from ")
                    .append(answer.get("to"))
                    .append('\n');
        }
        return out.toString();
    }

    private static void line(StringBuilder out, String words, List<String> names) {
        if (!names.isEmpty()) {
            out.append(words).append(String.join(", ", names)).append('\n');
        }
    }

    private static String sent(Map<String, Object> week) {
        return Json.asObject(week.get("notifications")).entrySet().stream()
                .map(receiver -> receiver.getKey() + " " + pairs(receiver.getValue()))
                .collect(Collectors.joining("; "));
    }

    /** {@code P1 2, P2 7}. */
    private static String pairs(@Nullable Object counts) {
        return Json.asObject(counts).entrySet().stream()
                .map(entry -> entry.getKey() + " " + cell(entry.getValue()))
                .collect(Collectors.joining(", "));
    }
}
