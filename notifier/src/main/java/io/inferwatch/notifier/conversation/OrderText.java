package io.inferwatch.notifier.conversation;

import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.Silence;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.stream.Collectors;

/** What operators ordered, as text and back. */
public final class OrderText {
    private OrderText() {}

    public static String write(Silence silence) {
        Fields fields = new Fields()
                .put("id", silence.id())
                .put("from", silence.from().toString())
                .put("until", silence.until().toString())
                .put("by", silence.by())
                .put("why", silence.why());
        silence.match().tiers().forEach(tier -> fields.put("tier", tier.name()));
        silence.match().rules().ifPresent(rules -> fields.put("rules", write(rules)));
        silence.match().labels().forEach(label -> fields.put("label", write(label)));
        return fields.encode();
    }

    /** @throws RuntimeException when the text is none that {@link #write} made */
    public static Silence silence(String text) {
        Fields fields = Fields.decode(text);
        AlertMatch match = new AlertMatch(
                fields.all("tier").stream().map(Tier::valueOf).collect(Collectors.toSet()),
                fields.find("rules").map(OrderText::matcher),
                fields.all("label").stream().map(OrderText::matcher).toList());
        return new Silence(
                fields.get("id"),
                match,
                Instant.parse(fields.get("from")),
                Instant.parse(fields.get("until")),
                fields.get("by"),
                fields.get("why"));
    }

    private static Fields write(LabelMatcher matcher) {
        Fields fields = new Fields().put("label", matcher.label()).put("negated", Boolean.toString(matcher.negated()));
        matcher.patterns().forEach(pattern -> fields.put("pattern", pattern));
        return fields;
    }

    private static LabelMatcher matcher(String text) {
        Fields fields = Fields.decode(text);
        return new LabelMatcher(
                fields.get("label"), fields.all("pattern"), Boolean.parseBoolean(fields.get("negated")));
    }

    public static String write(Ack ack) {
        return new Fields()
                .put("by", ack.by())
                .put("at", ack.at().toString())
                .put("tier", ack.tier().name())
                .encode();
    }

    /** @throws RuntimeException when the text is none that {@link #write} made */
    public static Ack ack(String text) {
        Fields fields = Fields.decode(text);
        return new Ack(fields.get("by"), Instant.parse(fields.get("at")), Tier.valueOf(fields.get("tier")));
    }
}
