package io.inferwatch.rules.yaml;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Typed reads of one mapping. A key that is absent or of another type gives an empty answer, the latter with a problem;
 * {@link #refuseUnknown} then names every key nobody asked for. One thread.
 */
public final class MappingReader {
    private final Mapping mapping;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    public MappingReader(Mapping mapping, Problems problems) {
        this.mapping = mapping;
        this.problems = problems;
    }

    public Mapping mapping() {
        return mapping;
    }

    /** Whether the key is there with something behind it; counts as asked for. */
    public boolean has(String key) {
        return node(key).isPresent();
    }

    /** The value as it stands; empty also for {@code key: ~}. */
    public Optional<YamlNode> node(String key) {
        known.add(key);
        return mapping.get(key).filter(node -> !(node instanceof Scalar scalar && scalar.isNull()));
    }

    public Optional<Scalar> scalar(String key) {
        return node(key).flatMap(node -> scalarOf(node, "text"));
    }

    public Optional<String> text(String key) {
        return scalar(key).map(Scalar::text);
    }

    public Optional<Duration> duration(String key) {
        return scalar(key).flatMap(value -> {
            Optional<Duration> duration = Durations.parse(value.text());
            if (duration.isEmpty()) {
                problems.error(value, "\"" + value.text() + "\" is no duration", "write it like 30s, 5m, 1h or 7d");
            }
            return duration;
        });
    }

    /** A duration within bounds, both included. */
    public Optional<Duration> duration(String key, Duration least, Duration most) {
        return duration(key).filter(value -> {
            boolean fits = value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
            if (!fits) {
                error(
                        key,
                        Durations.format(value) + " is outside " + Durations.format(least) + " to "
                                + Durations.format(most));
            }
            return fits;
        });
    }

    /** A number of bytes such as {@code 2GiB}. */
    public OptionalLong bytes(String key) {
        Optional<Scalar> value = scalar(key);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        OptionalLong bytes = ByteSizes.parse(value.get().text());
        if (bytes.isEmpty()) {
            problems.error(
                    value.get(), "\"" + value.get().text() + "\" is no byte size", "write it like 512B, 64MiB or 2GiB");
        }
        return bytes;
    }

    /** {@code true} or {@code false}, unquoted. */
    public Optional<Boolean> bool(String key) {
        return scalar(key).flatMap(value -> {
            if (!value.quoted() && (value.text().equals("true") || value.text().equals("false"))) {
                return Optional.of(value.text().equals("true"));
            }
            problems.error(value, "\"" + value.text() + "\" is neither true nor false");
            return Optional.empty();
        });
    }

    /** A whole number within bounds, both included. */
    public OptionalLong integer(String key, long least, long most) {
        Optional<BigDecimal> number = number(key);
        if (number.isEmpty()) {
            return OptionalLong.empty();
        }
        BigDecimal value = number.get();
        boolean fits = value.compareTo(BigDecimal.valueOf(least)) >= 0
                && value.compareTo(BigDecimal.valueOf(most)) <= 0
                && value.stripTrailingZeros().scale() <= 0;
        if (!fits) {
            error(key, value.toPlainString() + " is no whole number from " + least + " to " + most);
            return OptionalLong.empty();
        }
        return OptionalLong.of(value.longValue());
    }

    /** A decimal number without a unit, of at most 30 digits. */
    public Optional<BigDecimal> number(String key) {
        return scalar(key).flatMap(value -> {
            if (!value.quoted() && value.text().matches("[-+]?\\d{1,15}(\\.\\d{1,15})?")) {
                return Optional.of(new BigDecimal(value.text()));
            }
            problems.error(value, "\"" + value.text() + "\" is no number");
            return Optional.empty();
        });
    }

    /** One of these words; the problem names the nearest. */
    public Optional<String> oneOf(String key, List<String> words) {
        return scalar(key).flatMap(value -> {
            if (words.contains(value.text())) {
                return Optional.of(value.text());
            }
            problems.error(value, "\"" + value.text() + "\" is none of " + String.join(", ", words));
            return Optional.empty();
        });
    }

    /** A list of texts; a single text is a list of one. */
    public Optional<List<String>> texts(String key) {
        return scalars(key).map(all -> all.stream().map(Scalar::text).toList());
    }

    /** A list of scalars; a single one is a list of one. */
    public Optional<List<Scalar>> scalars(String key) {
        return node(key).map(node -> {
            List<Scalar> values = new ArrayList<>();
            List<YamlNode> items = node instanceof Sequence sequence ? sequence.items() : List.of(node);
            items.forEach(item -> scalarOf(item, "text or a list of texts").ifPresent(values::add));
            return values;
        });
    }

    public Optional<MappingReader> mapping(String key) {
        return node(key).flatMap(node -> of(node, problems));
    }

    /** The items of a list, each a mapping; an absent key is an empty list. */
    public List<MappingReader> mappings(String key) {
        List<MappingReader> items = new ArrayList<>();
        sequence(key)
                .ifPresent(
                        list -> list.items().forEach(item -> of(item, problems).ifPresent(items::add)));
        return items;
    }

    public Optional<Sequence> sequence(String key) {
        return node(key).flatMap(node -> {
            if (node instanceof Sequence sequence) {
                return Optional.of(sequence);
            }
            problems.error(node, "a list is expected here");
            return Optional.empty();
        });
    }

    /** The node as a mapping, or a problem. */
    public static Optional<MappingReader> of(YamlNode node, Problems problems) {
        if (node instanceof Mapping mapping) {
            return Optional.of(new MappingReader(mapping, problems));
        }
        problems.error(node, "a mapping of keys is expected here");
        return Optional.empty();
    }

    /** A problem about the value of this key, or about the mapping where the key is absent. */
    public void error(String key, String message) {
        problems.error(mapping.get(key).orElse(mapping), message);
    }

    public void error(String key, String message, String hint) {
        problems.error(mapping.get(key).orElse(mapping), message, hint);
    }

    /** The key is required: a problem at the mapping where it is absent. */
    public boolean require(String key) {
        boolean present = has(key);
        if (!present) {
            problems.error(mapping, "\"" + key + "\" is missing here");
        }
        return present;
    }

    /** Keys of the format that this release does not build: one problem each, never ignored. */
    public void refuseNotAvailable(String... keys) {
        for (String key : keys) {
            if (mapping.entries().containsKey(key)) {
                known.add(key);
                problemAtKey(key, "\"" + key + "\" is not available yet", Optional.empty());
            }
        }
    }

    /** Call last: every key that was never asked for is a problem with the nearest known name. */
    public void refuseUnknown() {
        for (String key : mapping.entries().keySet()) {
            if (!known.contains(key)) {
                Optional<String> nearest = NearestName.among(known, key);
                problemAtKey(key, "unknown key \"" + key + "\"", nearest.map(name -> "did you mean \"" + name + "\"?"));
            }
        }
    }

    private void problemAtKey(String key, String message, Optional<String> hint) {
        Entry entry = mapping.entries().get(key);
        if (entry != null) {
            problems.add(new Problem(entry.keyPosition(), entry.value().path(), message, hint, false));
        }
    }

    private Optional<Scalar> scalarOf(YamlNode node, String expected) {
        if (node instanceof Scalar scalar) {
            return Optional.of(scalar);
        }
        problems.error(node, expected + " is expected here");
        return Optional.empty();
    }
}
