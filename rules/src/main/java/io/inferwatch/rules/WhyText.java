package io.inferwatch.rules;

import io.inferwatch.rules.yaml.Durations;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Evidence as text: {@code ttft_p95=600ms > 500ms for 5m}. */
public final class WhyText {
    private WhyText() {}

    /** One line a leaf. */
    public static String of(List<LeafEvidence> why) {
        return why.stream().map(WhyText::line).collect(Collectors.joining("\n"));
    }

    /** One line a leaf, then what the GPUs did. */
    public static String of(List<LeafEvidence> why, List<String> gpus) {
        return Stream.concat(why.stream().map(WhyText::line), gpus.stream()).collect(Collectors.joining("\n"));
    }

    /** What is not so reads {@code tpot_p95=12ms not > 50ms for 1h}; what is not known says why. */
    public static String line(LeafEvidence leaf) {
        if (leaf.result().isEmpty()) {
            return leaf.leaf() + " unknown: " + leaf.reason();
        }
        StringBuilder line = new StringBuilder(leaf.leaf());
        leaf.value().ifPresent(value -> line.append('=').append(ValueText.compact(value, leaf.unit())));
        line.append(leaf.result().get() ? " " : " not ").append(leaf.op());
        leaf.threshold().ifPresent(threshold -> line.append(' ').append(ValueText.compact(threshold, leaf.unit())));
        if (leaf.held().compareTo(Duration.ofSeconds(1)) >= 0) {
            line.append(" for ").append(Durations.format(leaf.held()));
        }
        if (leaf.baseline().isPresent()) {
            line.append(" (")
                    .append(leaf.measured().isPresent() ? compact(leaf.measured(), leaf) + " against " : "")
                    .append("baseline ")
                    .append(compact(leaf.baseline(), leaf))
                    .append(')');
        }
        return line.toString();
    }

    private static String compact(OptionalDouble value, LeafEvidence leaf) {
        return ValueText.compact(value.orElseThrow(), leaf.measuredUnit());
    }
}
