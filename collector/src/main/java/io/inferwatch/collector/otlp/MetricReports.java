package io.inferwatch.collector.otlp;

import io.inferwatch.collector.scrape.SourceReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** What was understood of each sender of metrics. Bounded: senders past the limit are heard and not reported. */
final class MetricReports {
    private static final int MOST_SENDERS = 100;
    private static final int MOST_NAMES = 500;

    /** What one sender told; of one body, or of all. */
    record Heard(
            TreeMap<String, String> understood,
            Map<String, Integer> ages,
            TreeMap<String, String> notTaken,
            TreeSet<String> ignored,
            EnumMap<PointHistory.Event, Long> events) {
        Heard() {
            this(
                    new TreeMap<>(),
                    new HashMap<>(),
                    new TreeMap<>(),
                    new TreeSet<>(),
                    new EnumMap<>(PointHistory.Event.class));
        }

        void understood(MetricNames.Meaning meaning, String name) {
            understood.put(key(meaning), name);
            ages.merge(key(meaning), meaning.age(), Math::min);
        }

        /** Client and server tell of one metric side by side. */
        private static String key(MetricNames.Meaning meaning) {
            String metric = meaning.metric().name();
            return meaning.side() == MetricNames.Side.CLIENT ? metric + " (client)" : metric;
        }

        void add(Heard more) {
            more.ages.forEach((key, age) -> ages.merge(key, age, Math::min));
            understood.putAll(more.understood);
            notTaken.putAll(more.notTaken);
            more.ignored.stream()
                    .limit(Math.max(0, MOST_NAMES - ignored.size()))
                    .forEach(ignored::add);
            more.events.forEach((event, count) -> events.merge(event, count, Long::sum));
        }
    }

    private static final class Sender {
        final Heard heard = new Heard();
        long bodies;
        long lastEpochMillis;
    }

    private final Map<String, Sender> senders = new LinkedHashMap<>();

    /** How old the newest name is by which this sender told of a metric until now; the largest number where it did not. */
    int newest(String server, MetricNames.Meaning meaning) {
        Sender sender = senders.get(server);
        return sender == null
                ? Integer.MAX_VALUE
                : sender.heard.ages.getOrDefault(Heard.key(meaning), Integer.MAX_VALUE);
    }

    void add(MetricBody body, long nowEpochMillis) {
        body.heard().forEach((server, heard) -> {
            if (!senders.containsKey(server) && senders.size() >= MOST_SENDERS) {
                return;
            }
            Sender sender = senders.computeIfAbsent(server, name -> new Sender());
            sender.heard.add(heard);
            sender.bodies++;
            sender.lastEpochMillis = nowEpochMillis;
        });
    }

    List<SourceReport> all() {
        List<SourceReport> all = new ArrayList<>();
        senders.forEach((server, sender) -> all.add(report(server, sender)));
        return all;
    }

    private static SourceReport report(String server, Sender sender) {
        List<SourceReport.Check> checks = new ArrayList<>();
        sender.heard.events.forEach((event, count) -> checks.add(new SourceReport.Check(
                event.name().toLowerCase(Locale.ROOT),
                event == PointHistory.Event.FIRST_SIGHT,
                count + " " + event.text())));
        return new SourceReport(
                server,
                "POST /v1/metrics",
                true,
                Optional.empty(),
                Optional.of(Instant.ofEpochMilli(sender.lastEpochMillis)),
                List.of(),
                Map.copyOf(sender.heard.understood),
                Map.copyOf(sender.heard.notTaken),
                List.copyOf(sender.heard.ignored),
                checks,
                sender.heard.understood.isEmpty()
                        ? List.of("nothing that it sends is known; gen_ai metrics of OpenTelemetry are")
                        : server.isEmpty()
                                ? List.of("it sends no service.name; with one its metrics get the label server")
                                : List.of(),
                new SourceReport.Counts(sender.bodies, 0, 0, 0));
    }
}
