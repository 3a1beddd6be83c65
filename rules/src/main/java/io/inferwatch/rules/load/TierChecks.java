package io.inferwatch.rules.load;

import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Limit;
import io.inferwatch.rules.Rule.TierRule;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/** What only shows when the parts of a rule are seen side by side. */
final class TierChecks {
    private TierChecks() {}

    /** Between tiers that are each one leaf on the same signal and direction the more urgent is the stricter. */
    static void strictness(SortedMap<Tier, TierRule> tiers, Mapping written, Problems problems) {
        tiers.forEach((urgent, strict) -> tiers.tailMap(urgent).forEach((other, mild) -> {
            if (urgent != other && isLaxer(strict, mild)) {
                YamlNode node = written.get(urgent.name()).orElse(written);
                problems.error(node, urgent + " must be stricter than " + other + ", which is less urgent");
            }
        }));
    }

    private static boolean isLaxer(TierRule strict, TierRule mild) {
        if (strict.condition() instanceof Condition.Threshold a && mild.condition() instanceof Condition.Threshold b) {
            return a.signal().equals(b.signal()) && isLaxer(a.limit(), strict, b.limit(), mild);
        }
        if (strict.condition() instanceof Condition.Baseline a && mild.condition() instanceof Condition.Baseline b) {
            boolean isSame = a.signal().equals(b.signal()) && a.comparison().equals(b.comparison());
            return isSame && isLaxer(a.limit(), strict, b.limit(), mild);
        }
        return false;
    }

    private static boolean isLaxer(Limit x, TierRule strict, Limit y, TierRule mild) {
        boolean longer = strict.holdFor().compareTo(mild.holdFor()) > 0;
        if (x.operator().isUpward() && y.operator().isUpward()) {
            return x.threshold() < y.threshold() || (x.threshold() == y.threshold() && !longer);
        }
        if (x.operator().isDownward() && y.operator().isDownward()) {
            return x.threshold() > y.threshold() || (x.threshold() == y.threshold() && !longer);
        }
        if (x.operator() == Limit.Operator.OUTSIDE && y.operator() == Limit.Operator.OUTSIDE) {
            double xUpper = x.upper().orElse(x.threshold());
            double yUpper = y.upper().orElse(y.threshold());
            boolean isSame = x.threshold() == y.threshold() && xUpper == yUpper;
            return x.threshold() > y.threshold() || xUpper < yUpper || (isSame && !longer);
        }
        return false;
    }

    /** Two labelled leaves without a common label join everything with everything: hardly what was meant. */
    static void sharedLabels(Condition condition, Mapping written, Problems problems) {
        List<Signal> labelled = condition
                .signals()
                .filter(signal -> !signal.by().isEmpty())
                .distinct()
                .toList();
        for (Signal left : labelled) {
            for (Signal right : labelled) {
                boolean isPair = left.name().compareTo(right.name()) < 0;
                if (isPair && Collections.disjoint(left.by(), right.by())) {
                    problems.warning(written, left.name() + " and " + right.name() + " share no label to join on");
                }
            }
        }
    }
}
