package io.inferwatch.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.histograms.Bracket;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Expressions over numbers that are known between bounds alone. */
class IntervalsTest {
    private static final List<String> NAMES = List.of("a", "b", "c");

    private static Expression any(Random random, int depth) {
        if (depth == 0 || random.nextInt(5) == 0) {
            return random.nextInt(4) == 0
                    ? new Expression.Constant(random.nextInt(9) - 4)
                    : new Expression.Operand(NAMES.get(random.nextInt(3)), 1 + random.nextInt(3));
        }
        Expression left = any(random, depth - 1);
        Expression right = any(random, depth - 1);
        return switch (random.nextInt(9)) {
            case 0 -> new Expression.Negated(left);
            case 1 -> new Expression.Call("abs", List.of(left));
            case 2 -> new Expression.Call("min", List.of(left, right));
            case 3 -> new Expression.Call("max", List.of(left, right));
            case 4 -> new Expression.Call("clamp", List.of(left, new Expression.Constant(-2), right));
            case 5 -> new Expression.Binary('+', left, right);
            case 6 -> new Expression.Binary('-', left, right);
            case 7 -> new Expression.Binary('*', left, right);
            default -> new Expression.Binary('/', left, right);
        };
    }

    private static double within(Random random, Bracket bounds) {
        return random.nextInt(4) == 0
                ? (random.nextBoolean() ? bounds.lo() : bounds.hi())
                : bounds.lo() + (bounds.hi() - bounds.lo()) * random.nextDouble();
    }

    @Test
    void boundsHoldEveryResult() {
        for (long seed = 1; seed <= 3_000; seed++) {
            Random random = new Random(seed);
            Expression expression = any(random, 4);
            Map<String, Bracket> operands = new TreeMap<>();
            for (String name : NAMES) {
                double lo = random.nextInt(21) - 10;
                double hi = lo + random.nextInt(3) * random.nextDouble() * 5;
                operands.put(name, new Bracket(lo, (lo + hi) / 2, hi));
            }
            Bracket bounds = expression.evaluateBetween(operands::get);
            for (int sample = 0; sample < 20; sample++) {
                Map<String, Double> numbers = new TreeMap<>();
                operands.forEach((name, between) -> numbers.put(name, within(random, between)));
                double result = expression.evaluate(numbers::get);
                double slack = 1e-9 * Math.max(1, Math.abs(result));
                boolean isHeld =
                        !Double.isFinite(result) || (result >= bounds.lo() - slack && result <= bounds.hi() + slack);
                assertThat(isHeld)
                        .as("seed %d: %s of %s is %s, not in %s", seed, expression, numbers, result, bounds)
                        .isTrue();
            }
        }
    }

    @Test
    void twoBracketsDivided_decideWhereTheirQuotientDoes() {
        Expression share = new Expression.Binary('/', new Expression.Operand("a", 1), new Expression.Operand("b", 1));
        Map<String, Bracket> operands = Map.of("a", new Bracket(10, 12, 20), "b", new Bracket(2, 3, 4));
        assertThat(share.evaluateBetween(operands::get)).isEqualTo(new Bracket(2.5, 4, 10));
        assertThat(share.evaluateBetween(Map.of("a", Bracket.exact(1), "b", new Bracket(0, 1, 2))::get))
                .as("it may be divided by nothing")
                .isEqualTo(new Bracket(Double.NEGATIVE_INFINITY, 1, Double.POSITIVE_INFINITY));
    }
}
