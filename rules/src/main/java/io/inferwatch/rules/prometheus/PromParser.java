package io.inferwatch.rules.prometheus;

import io.inferwatch.rules.prometheus.PromExpr.Aggregation;
import io.inferwatch.rules.prometheus.PromExpr.Binary;
import io.inferwatch.rules.prometheus.PromExpr.Call;
import io.inferwatch.rules.prometheus.PromExpr.Matcher;
import io.inferwatch.rules.prometheus.PromExpr.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads PromQL; what alert rules here have no use for is refused by name. */
final class PromParser {
    private static final int MAX_DEPTH = 60;
    private static final Pattern TOKEN = Pattern.compile("\\s*(?:#[^\\n]*\\n?\\s*)*("
            + "\\d+(?:ms|[smhdwy])(?:\\d+(?:ms|[smhdwy]))*(?![\\w.])"
            + "|(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?"
            + "|[A-Za-z_:][A-Za-z0-9_:]*"
            + "|\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'"
            + "|==|!=|>=|<=|=~|!~|[-+*/%^=<>(){}\\[\\],@])");
    private static final Pattern DURATION_PART = Pattern.compile("(\\d+)(ms|[smhdwy])");
    private static final Set<String> AGGREGATIONS = Set.of(
            "sum",
            "avg",
            "min",
            "max",
            "count",
            "stddev",
            "stdvar",
            "group",
            "topk",
            "bottomk",
            "quantile",
            "count_values");
    private static final List<Set<String>> LEVELS = List.of(
            Set.of("or"),
            Set.of("and", "unless"),
            Set.of("==", "!=", ">", "<", ">=", "<="),
            Set.of("+", "-"),
            Set.of("*", "/", "%"));

    private final List<String> tokens;
    private int at;
    private int depth;

    private PromParser(List<String> tokens) {
        this.tokens = tokens;
    }

    /** @throws Refusal when it is no PromQL, or uses what is not taken */
    static PromExpr parse(String text) {
        List<String> tokens = new ArrayList<>();
        java.util.regex.Matcher matcher = TOKEN.matcher(text.strip());
        int end = 0;
        while (end < text.strip().length()) {
            matcher.region(end, text.strip().length());
            if (!matcher.lookingAt()) {
                throw new Refusal("cannot be read from \"" + text.strip().substring(end) + "\" on");
            }
            tokens.add(matcher.group(1));
            end = matcher.end();
        }
        PromParser parser = new PromParser(tokens);
        PromExpr read = parser.binary(0);
        if (parser.at < tokens.size()) {
            throw new Refusal("cannot be read from \"" + tokens.get(parser.at) + "\" on");
        }
        return read;
    }

    private String peek() {
        return at < tokens.size() ? tokens.get(at) : "";
    }

    private boolean skip(String token) {
        boolean isThere = peek().equalsIgnoreCase(token);
        at += isThere ? 1 : 0;
        return isThere;
    }

    private void expect(String token) {
        if (!skip(token)) {
            throw new Refusal("\"" + token + "\" is missing before \"" + peek() + "\"");
        }
    }

    private PromExpr binary(int level) {
        if (level == LEVELS.size()) {
            return unary();
        }
        PromExpr left = binary(level + 1);
        while (LEVELS.get(level).contains(peek().toLowerCase(Locale.ROOT))) {
            String op = tokens.get(at++).toLowerCase(Locale.ROOT);
            if (skip("bool")) {
                throw new Refusal("bool is not translated: compare without it");
            }
            Optional<List<String>> on = skip("on") ? Optional.of(labels()) : Optional.empty();
            for (String word : List.of("ignoring", "group_left", "group_right")) {
                if (peek().equalsIgnoreCase(word)) {
                    throw new Refusal(word + " is not translated");
                }
            }
            left = new Binary(op, on, left, binary(level + 1));
        }
        return left;
    }

    private PromExpr unary() {
        if (++depth > MAX_DEPTH) {
            throw new Refusal("nested deeper than " + MAX_DEPTH);
        }
        PromExpr read = skip("-")
                ? new Binary("*", Optional.empty(), new PromExpr.Constant(-1), unary())
                : skip("+") ? unary() : primary();
        depth--;
        return read;
    }

    private PromExpr primary() {
        PromExpr read;
        String token = peek();
        if (skip("(")) {
            read = binary(0);
            expect(")");
        } else if (!token.isEmpty() && (Character.isDigit(token.charAt(0)) || token.charAt(0) == '.')) {
            at++;
            read = number(token);
        } else if (token.equals("{")) {
            read = selector("");
        } else if (!token.isEmpty() && (Character.isLetter(token.charAt(0)) || "_:".indexOf(token.charAt(0)) >= 0)) {
            at++;
            read = named(token);
        } else {
            throw new Refusal(token.isEmpty() ? "it ends too early" : "\"" + token + "\" is not expected there");
        }
        if (List.of("^", "@", "[").contains(peek())) {
            throw new Refusal("\"" + peek() + "\" after it is not translated");
        }
        return read;
    }

    private static PromExpr number(String token) {
        try {
            return new PromExpr.Constant(Double.parseDouble(token));
        } catch (NumberFormatException e) {
            throw new Refusal("\"" + token + "\" is no number");
        }
    }

    private PromExpr named(String name) {
        if (AGGREGATIONS.contains(name.toLowerCase(Locale.ROOT))
                && List.of("(", "by", "without").contains(peek())) {
            return aggregation(name.toLowerCase(Locale.ROOT));
        }
        if (name.equalsIgnoreCase("inf") || name.equalsIgnoreCase("nan")) {
            throw new Refusal(name + " is no limit that can be reached");
        }
        if (!skip("(")) {
            return selector(name);
        }
        List<PromExpr> arguments = new ArrayList<>();
        while (!skip(")")) {
            arguments.add(binary(0));
            if (!skip(",") && !peek().equals(")")) {
                throw new Refusal("\")\" is missing before \"" + peek() + "\"");
            }
        }
        return new Call(name, arguments);
    }

    private PromExpr aggregation(String op) {
        Optional<List<String>> by = grouping();
        expect("(");
        PromExpr of = binary(0);
        if (peek().equals(",")) {
            throw new Refusal(op + " is not translated");
        }
        expect(")");
        return new Aggregation(op, by.isPresent() ? by : grouping(), of);
    }

    private Optional<List<String>> grouping() {
        if (peek().equalsIgnoreCase("without")) {
            throw new Refusal("without (…) is not translated: name the labels to keep by (…)");
        }
        return skip("by") ? Optional.of(labels()) : Optional.empty();
    }

    private List<String> labels() {
        List<String> labels = new ArrayList<>();
        expect("(");
        while (!skip(")")) {
            labels.add(tokens.get(Math.min(at++, tokens.size() - 1)));
            if (!skip(",") && !peek().equals(")")) {
                throw new Refusal("\")\" is missing before \"" + peek() + "\"");
            }
        }
        return labels;
    }

    private PromExpr selector(String name) {
        List<Matcher> matchers = new ArrayList<>();
        if (skip("{")) {
            while (!skip("}")) {
                matchers.add(matcher());
                if (!skip(",") && !peek().equals("}")) {
                    throw new Refusal("\"}\" is missing before \"" + peek() + "\"");
                }
            }
        }
        Optional<Duration> range = Optional.empty();
        if (skip("[")) {
            range = Optional.of(duration());
            expect("]");
        }
        Optional<Duration> offset = Optional.empty();
        if (skip("offset")) {
            offset = Optional.of(duration());
        }
        if (name.isEmpty()) {
            throw new Refusal("a selector without a metric name is not translated");
        }
        return new Selector(name, matchers, range, offset);
    }

    private Matcher matcher() {
        if (at + 2 >= tokens.size()) {
            throw new Refusal("it ends within { }");
        }
        String label = tokens.get(at++);
        String op = tokens.get(at++);
        String value = tokens.get(at++);
        boolean isQuoted = value.startsWith("\"") || value.startsWith("'");
        if (!Set.of("=", "!=", "=~", "!~").contains(op) || !isQuoted) {
            throw new Refusal("\"" + label + op + value + "\" is no matcher");
        }
        return new Matcher(label, op, value.substring(1, value.length() - 1));
    }

    private Duration duration() {
        String text = tokens.get(Math.min(at++, tokens.size() - 1));
        java.util.regex.Matcher part = DURATION_PART.matcher(text);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (part.find() && part.start() == end && part.group(1).length() < 10) {
            long count = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(count);
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        case "d" -> Duration.ofDays(count);
                        case "w" -> Duration.ofDays(7 * count);
                        default -> Duration.ofDays(365 * count);
                    });
            end = part.end();
        }
        if (end == 0 || end < text.length()) {
            throw new Refusal("\"" + text + "\" is no duration that is translated");
        }
        return sum;
    }
}
