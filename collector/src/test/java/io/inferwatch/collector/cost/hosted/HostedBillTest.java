package io.inferwatch.collector.cost.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostedBillTest {
    private static final BigDecimal EIGHT_GPU_HOURS = new BigDecimal(8 * 3_600);
    private static final TokenCount BUSY = TokenCount.of(40_000_000, 10_000_000, 6_000_000);

    private static BigDecimal decimal(String text) {
        return new BigDecimal(text);
    }

    private static Tariff tariff(String gpuHour, String kwh, String pue) {
        return new Tariff(
                Optional.of(decimal(gpuHour)), false, decimal(kwh), decimal(pue), Optional.empty(), Optional.empty());
    }

    private static HostedBill busyNode() {
        return HostedBill.of(
                        EIGHT_GPU_HOURS,
                        decimal("18000000"),
                        BUSY,
                        tariff("2.5", "0.12", "1.3"),
                        TokenWeights.CONVENTION)
                .orElseThrow();
    }

    private static double value(Optional<BigDecimal> decimal) {
        return decimal.orElseThrow().doubleValue();
    }

    /** Figures worked out with 50 digits. */
    @Test
    void busyNode_costsAsWorkedOut() {
        HostedBill bill = busyNode();
        assertThat(bill.capacityUsd()).isEqualByComparingTo("20");
        assertThat(bill.energyUsd()).isEqualByComparingTo("0.78");
        assertThat(value(bill.usdPerMillionUncached())).isCloseTo(0.340655737704918, within(1e-12));
        assertThat(value(bill.usdPerMillionCached())).isCloseTo(0.0340655737704918, within(1e-12));
        assertThat(value(bill.usdPerMillionOutput())).isCloseTo(1.70327868852459, within(1e-12));
        assertThat(value(bill.usdPerMillionTokens())).isCloseTo(0.4517391304347826, within(1e-12));
    }

    @Test
    void quietGpu_costsManyTimesAsMuchAToken() {
        TokenWeights weights = new TokenWeights(BigDecimal.ONE, BigDecimal.ZERO, new BigDecimal(5));
        HostedBill bill = HostedBill.of(
                        decimal("86400"),
                        decimal("9504000"),
                        TokenCount.of(3_000_000, 0, 900_000),
                        tariff("1.1", "0.3", "1.5"),
                        weights)
                .orElseThrow();
        assertThat(bill.totalUsd()).isEqualByComparingTo("27.588");
        assertThat(value(bill.usdPerMillionUncached())).isCloseTo(3.6784, within(1e-12));
        assertThat(value(bill.usdPerMillionOutput())).isCloseTo(18.392, within(1e-12));
        assertThat(value(bill.usdPerMillionTokens())).isCloseTo(7.073846153846154, within(1e-12));
    }

    @Test
    void classesAddUpToTheBill() {
        HostedBill bill = busyNode();
        double sum = 30 * value(bill.usdPerMillionUncached())
                + 10 * value(bill.usdPerMillionCached())
                + 6 * value(bill.usdPerMillionOutput());
        assertThat(sum).isCloseTo(bill.totalUsd().doubleValue(), within(1e-12));
    }

    @Test
    void idleIsPaidForOutOfCapacity() {
        assertThat(busyNode().idleUsd(0.75)).isEqualByComparingTo("5");
        assertThat(busyNode().idleUsd(1.0001)).as("a reading past 100 %").isEqualByComparingTo("0");
    }

    @Test
    void hourThatPaysForPower_isNotChargedAgain() {
        Tariff rented = new Tariff(
                Optional.of(decimal("2.5")),
                true,
                decimal("0.12"),
                decimal("1.3"),
                Optional.of(decimal("400")),
                Optional.empty());
        HostedBill bill = HostedBill.of(EIGHT_GPU_HOURS, decimal("18000000"), BUSY, rented, TokenWeights.CONVENTION)
                .orElseThrow();
        assertThat(bill.totalUsd()).isEqualByComparingTo("20");
        assertThat(rented.co2Grams(decimal("18000000")).orElseThrow()).isEqualByComparingTo("2600");
    }

    @Test
    void withoutAPriceOfAnHour_thereIsNoBill() {
        Tariff none = new Tariff(
                Optional.empty(), false, decimal("0.12"), BigDecimal.ONE, Optional.empty(), Optional.empty());
        assertThat(HostedBill.of(EIGHT_GPU_HOURS, BigDecimal.TEN, BUSY, none, TokenWeights.CONVENTION))
                .isEmpty();
    }

    @Test
    void withoutTokens_theBillStandsAndNoTokenHasAPrice() {
        HostedBill bill = HostedBill.of(
                        EIGHT_GPU_HOURS,
                        BigDecimal.ZERO,
                        TokenCount.NONE,
                        tariff("2.5", "0.12", "1.3"),
                        TokenWeights.CONVENTION)
                .orElseThrow();
        assertThat(bill.totalUsd()).isEqualByComparingTo("20");
        assertThat(bill.usdPerMillionOutput()).isEmpty();
        assertThat(bill.usdPerMillionTokens()).isEmpty();
    }

    @Test
    void moreCachedThanInput_countsAsAllCached() {
        assertThat(TokenCount.of(100, 120, 5)).isEqualTo(new TokenCount(0, 100, 5));
    }

    @Test
    void nonsense_isRefusedWithTheValue() {
        assertThatThrownBy(() -> tariff("2.5", "0.12", "0.9")).hasMessageContaining("0.9 is below 1");
        assertThatThrownBy(() -> tariff("-1", "0.12", "1")).hasMessageContaining("a GPU hour cannot be -1");
        assertThatThrownBy(() -> new TokenWeights(BigDecimal.ONE, BigDecimal.ONE, BigDecimal.ZERO))
                .hasMessageContaining("output tokens cannot weigh 0");
    }
}
