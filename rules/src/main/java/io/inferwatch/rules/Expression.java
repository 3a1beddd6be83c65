package io.inferwatch.rules;

import io.inferwatch.histograms.Bracket;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Arithmetic over signals; every operand is taken in its base unit. A result that is no finite number is no result. */
public sealed interface Expression {

    record Constant(double value) implements Expression {}

    /** @param toBase what the signal's value is multiplied by to be in its base unit */
    record Operand(String signal, double toBase) implements Expression {}

    record Negated(Expression of) implements Expression {}

    record Binary(char operator, Expression left, Expression right) implements Expression {}

    /** @param function {@code min}, {@code max}, {@code abs} or {@code clamp} (value, least, most) */
    record Call(String function, List<Expression> arguments) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /** @param values the value of each operand, in its own unit */
    default double evaluate(ToDoubleFunction<String> values) {
        return switch (this) {
            case Constant constant -> constant.value();
            case Operand operand -> values.applyAsDouble(operand.signal()) * operand.toBase();
            case Negated negated -> -negated.of().evaluate(values);
            case Binary binary -> {
                double left = binary.left().evaluate(values);
                double right = binary.right().evaluate(values);
                yield switch (binary.operator()) {
                    case '+' -> left + right;
                    case '-' -> left - right;
                    case '*' -> left * right;
                    default -> left / right;
                };
            }
            case Call call -> call(call, values);
        };
    }

    /**
     * The same of operands known between bounds: what is between those of the answer holds all the result can be. An
     * operand that stands there twice is taken as two, so the bounds may be wider than need be, never narrower.
     */
    default Bracket evaluateBetween(Function<String, Bracket> values) {
        return switch (this) {
            case Constant constant -> Bracket.exact(constant.value());
            case Operand operand -> Intervals.product(values.apply(operand.signal()), Bracket.exact(operand.toBase()));
            case Negated negated ->
                Intervals.difference(Bracket.exact(0), negated.of().evaluateBetween(values));
            case Binary binary -> {
                Bracket left = binary.left().evaluateBetween(values);
                Bracket right = binary.right().evaluateBetween(values);
                yield switch (binary.operator()) {
                    case '+' -> Intervals.sum(left, right);
                    case '-' -> Intervals.difference(left, right);
                    case '*' -> Intervals.product(left, right);
                    default -> Intervals.quotient(left, right);
                };
            }
            case Call call ->
                Intervals.call(
                        call.function(),
                        call.arguments().stream()
                                .map(argument -> argument.evaluateBetween(values))
                                .toList());
        };
    }

    private static double call(Call call, ToDoubleFunction<String> values) {
        double[] arguments =
                call.arguments().stream().mapToDouble(a -> a.evaluate(values)).toArray();
        return switch (call.function()) {
            case "abs" -> Math.abs(arguments[0]);
            case "clamp" -> Math.min(Math.max(arguments[0], arguments[1]), arguments[2]);
            case "min" -> java.util.Arrays.stream(arguments).min().orElse(Double.NaN);
            default -> java.util.Arrays.stream(arguments).max().orElse(Double.NaN);
        };
    }
}
