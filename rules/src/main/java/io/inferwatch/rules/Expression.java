package io.inferwatch.rules;

import java.util.List;
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
