package io.inferwatch.rules.prometheus;

import io.inferwatch.rules.prometheus.PromExpr.Aggregation;
import io.inferwatch.rules.prometheus.PromExpr.Binary;
import io.inferwatch.rules.prometheus.PromExpr.Call;
import io.inferwatch.rules.prometheus.PromExpr.Selector;
import java.util.Map;

/** Puts the expression of a recording rule where its name stands. */
final class Recorded {
    /** A record of records of records; deeper is a circle. */
    private static final int MAX_DEPTH = 5;

    private Recorded() {}

    /** @throws Refusal where the name stands with conditions of its own, or in a circle */
    static PromExpr inline(PromExpr expr, Map<String, PromExpr> records) {
        return inline(expr, records, 0);
    }

    private static PromExpr inline(PromExpr expr, Map<String, PromExpr> records, int depth) {
        return switch (expr) {
            case PromExpr.Constant number -> number;
            case Selector selector -> selector(selector, records, depth);
            case Call call ->
                new Call(
                        call.function(),
                        call.arguments().stream()
                                .map(argument -> inline(argument, records, depth))
                                .toList());
            case Aggregation aggregation ->
                new Aggregation(aggregation.op(), aggregation.by(), inline(aggregation.of(), records, depth));
            case Binary binary ->
                new Binary(
                        binary.op(),
                        binary.on(),
                        inline(binary.left(), records, depth),
                        inline(binary.right(), records, depth));
        };
    }

    private static PromExpr selector(Selector selector, Map<String, PromExpr> records, int depth) {
        PromExpr record = records.get(selector.name());
        if (record == null) {
            return selector;
        }
        boolean isPlain = selector.matchers().isEmpty()
                && selector.range().isEmpty()
                && selector.offset().isEmpty();
        if (!isPlain || depth >= MAX_DEPTH) {
            throw new Refusal("the recording rule " + selector.name() + " stands there with conditions of its own");
        }
        return inline(record, records, depth + 1);
    }
}
