package io.inferwatch.rules.prometheus;

import io.inferwatch.rules.prometheus.PromExpr.Binary;
import io.inferwatch.rules.prometheus.PromExpr.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Makes a condition of an expression that has a value where something is wrong. */
final class ConditionTranslator {
    private static final Map<String, String> WORDS =
            Map.of(">", "above", "<", "below", ">=", "at_least", "<=", "at_most", "==", "equals", "!=", "equals");
    private static final Map<String, String> MIRRORED =
            Map.of(">", "<", "<", ">", ">=", "<=", "<=", ">=", "==", "==", "!=", "!=");

    private ConditionTranslator() {}

    /** What must hold, in the form of a rule. */
    sealed interface Draft {

        /** @param every present: {@code limit} is a multiple of what the signal was so long before */
        record Leaf(SignalDraft signal, String word, String limit, boolean negated, Optional<String> every)
                implements Draft {}

        record Of(String word, List<Draft> parts) implements Draft {}

        /** Fires when there is no data. */
        record Absent(SignalDraft signal) implements Draft {}
    }

    /** {@code scale × signal + shift}; without a signal, a number. */
    private record Linear(Optional<SignalDraft> signal, Optional<String> every, double scale, double shift) {
        static Linear number(double value) {
            return new Linear(Optional.empty(), Optional.empty(), 0, value);
        }

        Linear times(double factor) {
            return new Linear(signal, every, scale * factor, shift * factor);
        }

        Linear plus(Linear other, int sign) {
            return signal.isPresent()
                    ? new Linear(signal, every, scale, shift + sign * other.shift)
                    : new Linear(other.signal, other.every, sign * other.scale, shift + sign * other.shift);
        }
    }

    /** @throws Refusal naming what is not translated */
    static Draft condition(PromExpr expr) {
        if (expr instanceof Binary binary && Set.of("and", "or").contains(binary.op())) {
            return joined(binary);
        }
        if (expr instanceof Call call && Set.of("absent", "absent_over_time").contains(call.function())) {
            if (call.arguments().size() != 1) {
                throw new Refusal(call.function() + " is taken of one metric");
            }
            return new Draft.Absent(SignalTranslator.anySeries(call.arguments().getFirst()));
        }
        Optional<PromExpr> missing = saidToBeMissing(expr);
        if (missing.isPresent()) {
            return condition(missing.get());
        }
        if (!(expr instanceof Binary binary) || !WORDS.containsKey(binary.op())) {
            throw new Refusal(
                    expr instanceof Binary binary && binary.op().equals("unless")
                            ? "unless is not translated"
                            : "there is no comparison: it fires wherever there is a value");
        }
        return comparison(binary);
    }

    /** {@code absent(x) == 1} and {@code absent(x) > 0} say what {@code absent(x)} says: it is 1 or nothing. */
    private static Optional<PromExpr> saidToBeMissing(PromExpr expr) {
        return expr instanceof Binary(String op, Optional<List<String>> on, Call call, PromExpr.Constant constant)
                        && call.function().startsWith("absent")
                        && ((op.equals("==") && constant.value() == 1) || (op.equals(">") && constant.value() == 0))
                ? Optional.of(call)
                : Optional.empty();
    }

    private static Draft joined(Binary binary) {
        Draft left = condition(binary.left());
        Draft right = condition(binary.right());
        if (left instanceof Draft.Absent || right instanceof Draft.Absent) {
            return orAbsent(binary.op(), left, right);
        }
        Set<String> leftBy = labels(left);
        Set<String> rightBy = labels(right);
        boolean isOnAll = binary.on()
                .map(on ->
                        new TreeSet<>(on.stream().map(ConditionTranslator::own).toList()))
                .map(on -> on.equals(leftBy))
                .orElse(true);
        if (!leftBy.equals(rightBy) || !isOnAll) {
            throw new Refusal("the two sides of " + binary.op() + " are not joined on the same labels: " + leftBy
                    + " and " + rightBy + binary.on().map(on -> ", on " + on).orElse(""));
        }
        return new Draft.Of(binary.op().equals("and") ? "all" : "any", List.of(left, right));
    }

    private static String own(String label) {
        return label.equals("model_name") ? "model" : label.equals("instance") ? "server" : label;
    }

    private static Draft orAbsent(String op, Draft left, Draft right) {
        Draft other = left instanceof Draft.Absent ? right : left;
        Draft.Absent absent = (Draft.Absent) (left instanceof Draft.Absent ? left : right);
        boolean isSame = other instanceof Draft.Leaf leaf
                && leaf.every().isEmpty()
                && leaf.signal().family().equals(absent.signal().family());
        if (!op.equals("or") || !isSame) {
            throw new Refusal("absent is taken alone, or after or beside a comparison of the same metric");
        }
        return new Draft.Of("or_absent", List.of(other, absent));
    }

    private static Set<String> labels(Draft draft) {
        return switch (draft) {
            case Draft.Leaf leaf -> new TreeSet<>(leaf.signal().by());
            case Draft.Absent absent -> new TreeSet<>(absent.signal().by());
            case Draft.Of of -> labels(of.parts().getFirst());
        };
    }

    private static Draft comparison(Binary binary) {
        Linear left = linear(binary.left());
        Linear right = linear(binary.right());
        if (left.signal.isEmpty() && right.signal.isEmpty()) {
            throw new Refusal("two numbers are compared");
        }
        if (left.signal.isPresent() && right.signal.isPresent()) {
            return withItsPast(binary.op(), left, right);
        }
        boolean isMirrored = left.signal.isEmpty();
        Linear of = isMirrored ? right : left;
        double limit = ((isMirrored ? left.shift : right.shift) - of.shift) / of.scale;
        boolean isFlipped = isMirrored != (of.scale < 0);
        return leaf(of.signal.orElseThrow(), isFlipped ? mirrored(binary.op()) : binary.op(), limit, of.every);
    }

    private static String mirrored(String op) {
        return String.valueOf(MIRRORED.get(op));
    }

    private static Draft leaf(SignalDraft signal, String op, double limit, Optional<String> every) {
        if (!Double.isFinite(limit)) {
            throw new Refusal("the limit is no number");
        }
        if (signal.offset().isPresent()) {
            throw new Refusal("offset is translated up to 1h, or as a ratio to the same thing 1d or 1w before");
        }
        if (signal.kind() == SignalDraft.Kind.HISTOGRAM_SUM) {
            throw new Refusal(signal.family() + "_sum is of use only over its count");
        }
        String text = every.isPresent() ? plain(limit) + "x" : signal.limit(limit);
        return new Draft.Leaf(signal, String.valueOf(WORDS.get(op)), text, op.equals("!="), every);
    }

    private static String plain(double value) {
        return new java.math.BigDecimal(value, new java.math.MathContext(9))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** {@code x > 2 * x offset 1d}. */
    private static Draft withItsPast(String op, Linear left, Linear right) {
        boolean isRightOld = right.signal.orElseThrow().offset().isPresent();
        Linear now = isRightOld ? left : right;
        Linear then = isRightOld ? right : left;
        Optional<String> every = every(now.signal.orElseThrow(), then.signal.orElseThrow());
        double factor = then.scale / now.scale;
        if (every.isEmpty() || left.shift != 0 || right.shift != 0 || factor <= 0) {
            throw new Refusal("two metrics are compared: only one thing with itself 1d or 1w before is translated");
        }
        String from = now.scale < 0 ? mirrored(op) : op;
        return leaf(now.signal.orElseThrow(), isRightOld ? from : mirrored(from), factor, every);
    }

    private static Optional<String> every(SignalDraft now, SignalDraft then) {
        boolean isSame = now.body().equals(then.body()) && now.offset().isEmpty();
        return then.offset()
                .filter(offset -> isSame)
                .map(offset -> offset.equals(Duration.ofDays(1)) ? "1d" : offset.equals(Duration.ofDays(7)) ? "1w" : "")
                .filter(text -> !text.isEmpty());
    }

    private static Linear linear(PromExpr expr) {
        if (expr instanceof PromExpr.Constant(double value)) {
            return Linear.number(value);
        }
        if (!(expr instanceof Binary binary) || !Set.of("+", "-", "*", "/").contains(binary.op())) {
            return new Linear(Optional.of(SignalTranslator.signal(expr)), Optional.empty(), 1, 0);
        }
        if (binary.op().equals("/") && !isNumber(binary.right()) && !isNumber(binary.left())) {
            return quotient(binary);
        }
        Linear left = linear(binary.left());
        Linear right = linear(binary.right());
        if (left.signal.isPresent() && right.signal.isPresent()) {
            throw new Refusal("\"" + binary.op() + "\" between two metrics is not translated");
        }
        return switch (binary.op()) {
            case "+" -> left.plus(right, 1);
            case "-" -> left.plus(right, -1);
            case "*" -> left.signal.isPresent() ? left.times(right.shift) : right.times(left.shift);
            default -> {
                if (right.signal.isPresent()) {
                    throw new Refusal("a number over a metric is not translated");
                }
                yield left.times(1 / right.shift);
            }
        };
    }

    private static boolean isNumber(PromExpr expr) {
        return switch (expr) {
            case PromExpr.Constant number -> true;
            case Binary binary -> isNumber(binary.left()) && isNumber(binary.right());
            case Call call -> false;
            case PromExpr.Selector selector -> false;
            case PromExpr.Aggregation aggregation -> false;
        };
    }

    private static Linear quotient(Binary binary) {
        if (binary.on().isPresent()) {
            throw new Refusal("on (…) beside / is not translated: give both sides the same labels");
        }
        Linear left = linear(binary.left());
        Linear right = linear(binary.right());
        boolean arePlain = left.signal.isPresent() && right.signal.isPresent() && left.shift == 0 && right.shift == 0;
        if (!arePlain) {
            throw new Refusal("\"/\" is taken of two metrics, or of a metric and a number");
        }
        SignalDraft part = left.signal.orElseThrow();
        SignalDraft whole = right.signal.orElseThrow();
        double scale = left.scale / right.scale;
        Optional<String> every = every(part, whole);
        return every.isPresent()
                ? new Linear(Optional.of(part), every, scale, 0)
                : new Linear(Optional.of(SignalTranslator.quotient(part, whole)), Optional.empty(), scale, 0);
    }
}
