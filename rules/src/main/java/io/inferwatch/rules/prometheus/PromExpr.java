package io.inferwatch.rules.prometheus;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** An expression of PromQL, as far as alert rules that can be translated use it. */
sealed interface PromExpr {
    record Constant(double value) implements PromExpr {}

    /** @param op {@code =}, {@code !=}, {@code =~} or {@code !~} */
    record Matcher(String label, String op, String value) {}

    /** @param range of a range vector */
    record Selector(String name, List<Matcher> matchers, Optional<Duration> range, Optional<Duration> offset)
            implements PromExpr {
        public Selector {
            matchers = List.copyOf(matchers);
        }
    }

    record Call(String function, List<PromExpr> arguments) implements PromExpr {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /** @param by absent: all series are one */
    record Aggregation(String op, Optional<List<String>> by, PromExpr of) implements PromExpr {}

    /** @param on absent: all labels must agree */
    record Binary(String op, Optional<List<String>> on, PromExpr left, PromExpr right) implements PromExpr {}
}
