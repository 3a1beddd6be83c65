package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.GpuWindow;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Template;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.ValueText;
import io.inferwatch.rules.WhyText;
import io.inferwatch.rules.yaml.Durations;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Makes an instance into the alert a listener gets: id, labels, rendered texts, evidence. */
final class AlertWriter {
    /** What stands for the value where there is none. */
    static final String NO_DATA = "no data";

    private static final int ID_BYTES = 12;

    private AlertWriter() {}

    /** @param gpus what the GPUs of its server did in its window */
    static Alert write(Rule rule, Instance instance, AlertState state, Instant t, List<GpuWindow> gpus) {
        List<LeafEvidence> why = instance.why(t, rule.noData());
        Optional<LeafEvidence> leading = leading(why);
        UnaryOperator<String> values = values(rule, instance.labels, state, leading, why, gpus, t);
        AlertKey key = new AlertKey(rule.name(), instance.labels);
        return new Alert(
                key,
                instance.id(rule.name(), t),
                state,
                instance.isStale(t, rule.noData()),
                labels(rule, instance, values),
                rule.texts()
                        .summary()
                        .map(text -> Template.render(text, values))
                        .orElseGet(() -> plainSummary(key, leading)),
                Template.render(rule.texts().description().orElse(""), values),
                rule.texts().runbook().map(text -> Template.render(text, values)),
                leading.map(AlertWriter::value).orElse(NO_DATA),
                why,
                gpus);
    }

    private static LabelSet labels(Rule rule, Instance instance, UnaryOperator<String> values) {
        if (rule.texts().labels().isEmpty()) {
            return instance.labels;
        }
        Map<String, String> labels = new TreeMap<>(instance.labels.asMap());
        rule.texts().labels().forEach((name, text) -> labels.put(name, Template.render(text, values)));
        return LabelSet.of(labels);
    }

    /** The same for the same rule, labels and beginning, whoever asks and after whatever restart. */
    static String id(AlertKey key, Instant episodeAt) {
        StringBuilder text = new StringBuilder(key.rule());
        key.labels()
                .asMap()
                .forEach((name, value) ->
                        text.append('\0').append(name).append('\1').append(value));
        text.append('\2').append(episodeAt.toEpochMilli());
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The leaf a reader wants first: one that holds, else one that has a value. */
    private static Optional<LeafEvidence> leading(List<LeafEvidence> why) {
        LeafEvidence first = null;
        for (LeafEvidence leaf : why) {
            if (leaf.value().isPresent()) {
                if (leaf.result().orElse(false)) {
                    return Optional.of(leaf);
                }
                first = first == null ? leaf : first;
            }
        }
        return Optional.ofNullable(first);
    }

    private static String value(LeafEvidence leaf) {
        return ValueText.format(leaf.value().orElseThrow(), leaf.unit());
    }

    private static String limit(Optional<LeafEvidence> leading) {
        return leading.filter(leaf -> leaf.threshold().isPresent())
                .map(leaf -> ValueText.format(leaf.threshold().orElseThrow(), leaf.unit()))
                .orElse("–");
    }

    private static String plainSummary(AlertKey key, Optional<LeafEvidence> leading) {
        StringBuilder text = new StringBuilder(key.rule()).append(": ");
        leading.ifPresentOrElse(
                leaf -> text.append(leaf.leaf())
                        .append(' ')
                        .append(value(leaf))
                        .append(" (limit ")
                        .append(limit(leading))
                        .append(')'),
                () -> text.append(NO_DATA));
        String before = " on ";
        for (Map.Entry<String, String> label : key.labels().asMap().entrySet()) {
            text.append(before).append(label.getKey()).append('=').append(label.getValue());
            before = ", ";
        }
        return text.toString();
    }

    private static UnaryOperator<String> values(
            Rule rule,
            LabelSet labels,
            AlertState state,
            Optional<LeafEvidence> leading,
            List<LeafEvidence> why,
            List<GpuWindow> gpus,
            Instant t) {
        return name -> switch (name) {
            case "value" -> leading.map(AlertWriter::value).orElse(NO_DATA);
            case "threshold" -> limit(leading);
            case "tier" -> tier(state).map(Tier::name).orElse("–");
            case "samples" ->
                leading.map(leaf -> String.valueOf(leaf.samples())).orElse("0");
            case "baseline" ->
                leading.filter(leaf -> leaf.baseline().isPresent())
                        .map(leaf -> ValueText.format(leaf.baseline().orElseThrow(), leaf.measuredUnit()))
                        .orElse("–");
            case "why" -> WhyText.of(why, GpuWindow.lines(labels, gpus));
            case "duration" -> Durations.format(Duration.between(since(state, t), t));
            case "runbook" -> rule.texts().runbook().orElse("–");
            default -> name.startsWith("labels.") ? label(rule, labels, name.substring("labels.".length())) : name;
        };
    }

    private static String label(Rule rule, LabelSet labels, String name) {
        return labels.get(name)
                .or(() -> Optional.ofNullable(rule.texts().labels().get(name)))
                .orElse("–");
    }

    private static Optional<Tier> tier(AlertState state) {
        return switch (state) {
            case AlertState.Ok ok -> Optional.empty();
            case AlertState.Pending pending -> Optional.of(pending.tier());
            case AlertState.Firing firing -> Optional.of(firing.tier());
        };
    }

    private static Instant since(AlertState state, Instant t) {
        return switch (state) {
            case AlertState.Ok ok -> t;
            case AlertState.Pending pending -> pending.since();
            case AlertState.Firing firing -> firing.since();
        };
    }
}
