package io.inferwatch.collector.cost.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EnergySharesTest {
    private static final Optional<EnergyFit.Coefficients> MEASURED =
            Optional.of(new EnergyFit.Coefficients(300, 0.01, 0.6));

    private static EnergyShares.User user(String name, long uncached, long output, double seconds) {
        return new EnergyShares.User(name, new TokenCount(uncached, 0, output), seconds);
    }

    private static long sum(EnergyShares shares) {
        return shares.unattributedMicrojoules()
                + shares.shares().stream()
                        .mapToLong(EnergyShares.Share::loadedMicrojoules)
                        .sum();
    }

    @Test
    void tokensBearWhatTheyNeed_andTheRestIsBorneByTime() {
        EnergyShares shares =
                EnergyShares.of(10_000_000_000L, List.of(user("a", 100_000, 0, 30), user("b", 0, 5_000, 90)), MEASURED);
        // a: 1,000 J of its own, and a quarter of 6,000 J; b: 3,000 J, and three quarters.
        assertThat(shares.shares())
                .containsExactly(
                        new EnergyShares.Share("a", 1_000_000_000L, 2_500_000_000L),
                        new EnergyShares.Share("b", 3_000_000_000L, 7_500_000_000L));
        assertThat(shares.unattributedMicrojoules()).isZero();
    }

    @Test
    void sumOfRequestsIsTheMeter_toTheLastStep() {
        long seed = 77;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            // Up to three months of a node of eight.
            long meter = random.nextLong(50_000_000_000_000_000L);
            List<EnergyShares.User> users = IntStream.range(0, random.nextInt(2_000))
                    .mapToObj(i -> user(
                            "r" + i,
                            random.nextInt(200_000),
                            random.nextInt(4_000),
                            random.nextInt(10) == 0 ? 0 : 100 * random.nextDouble()))
                    .toList();
            EnergyShares shares = EnergyShares.of(meter, users, random.nextBoolean() ? MEASURED : Optional.empty());
            assertThat(sum(shares)).as("seed %d, round %d", seed, round).isEqualTo(meter);
            assertThat(shares.shares())
                    .allMatch(share -> share.loadedMicrojoules() >= share.marginalMicrojoules()
                            && share.marginalMicrojoules() >= 0);
        }
    }

    @Test
    void eachGetsWhatIsDue_toWithinAStepAndTheDigitsOfADouble() {
        long seed = 5;
        Random random = new Random(seed);
        double[] weights = random.doubles(10_000).toArray();
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        long[] parts = Apportionment.split(1_000_000_000_007L, weights);
        for (int i = 0; i < parts.length; i++) {
            assertThat((double) parts[i])
                    .as("seed %d, part %d", seed, i)
                    .isCloseTo(1_000_000_000_007L * (weights[i] / sum), within(2.0));
        }
    }

    @Test
    void whatNobodyWasThereFor_isNobodys() {
        assertThat(EnergyShares.of(18_000_000_000L, List.of(), MEASURED))
                .isEqualTo(new EnergyShares(List.of(), 18_000_000_000L));
        EnergyShares idle = EnergyShares.of(18_000_000_000L, List.of(user("a", 0, 0, 0)), MEASURED);
        assertThat(idle.unattributedMicrojoules()).isEqualTo(18_000_000_000L);
    }

    @Test
    void withoutDurations_theRestGoesByTokens() {
        EnergyShares shares =
                EnergyShares.of(4_000_000L, List.of(user("a", 100, 0, 0), user("b", 0, 300, 0)), Optional.empty());
        assertThat(shares.shares())
                .containsExactly(
                        new EnergyShares.Share("a", 0, 1_000_000L), new EnergyShares.Share("b", 0, 3_000_000L));
    }

    @Test
    void fitThatAsksForMoreThanWasDrawn_isScaledToTheMeter() {
        EnergyShares shares =
                EnergyShares.of(1_000_000_000L, List.of(user("a", 0, 5_000, 1), user("b", 0, 15_000, 99)), MEASURED);
        assertThat(shares.shares())
                .containsExactly(
                        new EnergyShares.Share("a", 250_000_000L, 250_000_000L),
                        new EnergyShares.Share("b", 750_000_000L, 750_000_000L));
    }

    @Test
    void durationsThatAreNone_areRefused() {
        assertThatThrownBy(() -> user("a", 1, 1, Double.NaN))
                .hasMessageContaining("a cannot have been there for NaN s");
    }
}
