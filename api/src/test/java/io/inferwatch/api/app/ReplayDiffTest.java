package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.api.app.ReplayDiff.OfRule;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayDiffTest {
    private static String text(boolean complete, OfRule... rules) {
        return new ReplayDiff(Instant.EPOCH, Instant.EPOCH.plusSeconds(60), complete, List.of(rules)).text();
    }

    @Test
    void saysWhatIsMoreAndWhatIsLess_byTier() {
        assertThat(text(
                        true,
                        new OfRule("a", Tier.P2, 1, 4),
                        new OfRule("b", Tier.P2, 0, 1),
                        new OfRule("a", Tier.P1, 1, 0)))
                .isEqualTo("would add 4 P2, remove 1 P1");
        assertThat(text(true, new OfRule("a", Tier.P0, 2, 0))).isEqualTo("would remove 2 P0");
        assertThat(text(true)).isEqualTo("would open the same alerts");
    }

    @Test
    void oneRulesGain_doesNotHideAnothersLoss() {
        assertThat(text(true, new OfRule("a", Tier.P2, 0, 1), new OfRule("b", Tier.P2, 1, 0)))
                .isEqualTo("would add 1 P2, remove 1 P2");
    }

    @Test
    void whatDidNotComeToItsEnd_isNotKnown() {
        assertThat(text(false)).startsWith("not known");
    }
}
