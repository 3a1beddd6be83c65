package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Unit;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Position;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the {@code signals} section; an expression's operands are read before it, whatever their order. */
final class SignalsReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");
    private static final int MAX_NESTING = 8;

    /** What else may stand in a signal, whichever kind it is. */
    private static final List<String> FURTHER_KEYS = List.of(
            "where", "agg", "share_above", "share_below", "over", "by", "across", "unit", "min_samples", "delay");

    private final Map<String, YamlNode> nodes;
    private final Problems problems;
    private final SignalReader reader;
    private final Map<String, Optional<Signal>> read = new LinkedHashMap<>();
    private final Deque<String> reading = new ArrayDeque<>();

    SignalsReader(Map<String, YamlNode> nodes, Problems problems, Set<String> configuredLabels) {
        this.nodes = nodes;
        this.problems = problems;
        this.reader = new SignalReader(problems, configuredLabels);
    }

    /** Reads what is measured, wherever it is written. */
    SignalReader reader() {
        return reader;
    }

    /** All signals that could be read. */
    Map<String, Signal> readAll() {
        nodes.keySet().forEach(this::signal);
        Map<String, Signal> signals = new HashMap<>();
        read.forEach((name, signal) -> signal.ifPresent(s -> signals.put(name, s)));
        return signals;
    }

    private @Nullable Signal signal(String name) {
        Optional<Signal> known = read.get(name);
        YamlNode node = nodes.get(name);
        if (known != null || node == null) {
            return known == null ? null : known.orElse(null);
        }
        if (reading.contains(name) || reading.size() > MAX_NESTING) {
            problems.error(node, reading.contains(name) ? "this signal leads back to itself" : "nested too deep");
            read.put(name, Optional.empty());
            return null;
        }
        reading.push(name);
        Optional<Signal> signal = MappingReader.of(node, problems).flatMap(mapping -> signal(name, mapping));
        reading.pop();
        read.putIfAbsent(name, signal);
        return signal.orElse(null);
    }

    private Optional<Signal> signal(String name, MappingReader mapping) {
        if (!NAME.matcher(name).matches()) {
            problems.error(mapping.mapping(), "a signal's name is letters, digits and _, at most 64");
        }
        boolean ratio = mapping.has("ratio");
        boolean expr = mapping.has("expr");
        boolean metric = mapping.has("metric");
        if (Math.addExact(ratio ? 1 : 0, (expr ? 1 : 0) + (metric ? 1 : 0)) != 1) {
            problems.error(mapping.mapping(), "one of metric, ratio and expr is needed here");
            FURTHER_KEYS.forEach(mapping::has);
            mapping.refuseUnknown();
            return Optional.empty();
        }
        Optional<Signal> signal =
                ratio ? reader.ratio(name, mapping) : expr ? computed(name, mapping) : reader.measured(name, mapping);
        mapping.refuseUnknown();
        return signal;
    }

    private Optional<Signal> computed(String name, MappingReader mapping) {
        Optional<Scalar> text = mapping.scalar("expr");
        Optional<Unit> declared = reader.declaredUnit(mapping);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            ExpressionParser parser = new ExpressionParser(text.get().text(), this::signal);
            ExpressionParser.Typed typed = parser.parse();
            Unit unit = declared.orElse(typed.unit());
            if (!unit.fits(typed.unit())) {
                String symbol = typed.unit().symbol().isEmpty()
                        ? "a plain number"
                        : typed.unit().symbol();
                mapping.error("unit", "unit \"" + unit.symbol() + "\" does not fit the expression (" + symbol + ")");
            }
            if (parser.operands().isEmpty()) {
                mapping.error("expr", "an expression needs a signal");
                return Optional.empty();
            }
            double factor = unit.fits(typed.unit()) ? typed.unit().factorTo(unit) : 1;
            return Optional.of(new Signal.Computed(name, typed.expression(), parser.operands(), unit, factor));
        } catch (ExpressionParser.Fault fault) {
            boolean isToldAlready = fault.signal.filter(nodes::containsKey).isPresent();
            if (!isToldAlready) {
                problems.add(problem(text.get(), fault));
            }
            return Optional.empty();
        }
    }

    private Problem problem(Scalar text, ExpressionParser.Fault fault) {
        Position start = text.position();
        int column = start.column() + fault.at + (text.quoted() ? 1 : 0);
        String message = String.valueOf(fault.getMessage());
        Optional<String> hint = fault.signal.flatMap(name -> NearestName.among(nodes.keySet(), name));
        return new Problem(
                new Position(start.file(), start.line(), column),
                text.path(),
                message,
                hint.map(nearest -> "did you mean \"" + nearest + "\"?"),
                false);
    }
}
