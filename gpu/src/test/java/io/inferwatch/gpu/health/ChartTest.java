package io.inferwatch.gpu.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChartTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

    private final Chart chart = new Chart();

    /** Examines once a second for so long, a counter rising by so much each second. */
    private List<Finding> rising(Sign sign, double perSecond, int seconds, Map<Sign, Double> others) {
        List<Finding> findings = List.of();
        for (int second = 0; second <= seconds; second++) {
            Map<Sign, Double> signs = new EnumMap<>(Sign.class);
            signs.putAll(others);
            signs.put(sign, 1000 + perSecond * second);
            findings = chart.examine(START.plusSeconds(second), signs);
        }
        return findings;
    }

    @Test
    void nothingIsFound_whenNothingIsWrong() {
        assertThat(chart.examine(START, Map.of())).isEmpty();
        assertThat(rising(
                        Sign.ECC_UNCORRECTED, 0, 30, Map.of(Sign.RECOVERY_ACTION, 0.0, Sign.TEMPERATURE_MARGIN, 20.0)))
                .isEmpty();
    }

    @Test
    void oldErrorsAreNoFinding_whenTheCounterStandsStill() {
        assertThat(chart.examine(START, Map.of(Sign.ECC_UNCORRECTED, 17.0))).isEmpty();
    }

    @Test
    void newUncorrectableErrorsFailTheGpuForTenMinutes_whenTheCounterRises() {
        chart.examine(START, Map.of(Sign.ECC_UNCORRECTED, 17.0));

        List<Finding> now = chart.examine(START.plusSeconds(1), Map.of(Sign.ECC_UNCORRECTED, 19.0));
        List<Finding> later = List.of();
        for (int second = 2; second < 720; second++) {
            later = chart.examine(START.plusSeconds(second), Map.of(Sign.ECC_UNCORRECTED, 19.0));
        }

        assertThat(now).singleElement().satisfies(finding -> {
            assertThat(finding.grade()).isEqualTo(Grade.FAILING);
            assertThat(finding.reason()).isEqualTo("2 uncorrectable memory errors");
        });
        assertThat(later).isEmpty();
    }

    @Test
    void fallOfACounterIsNoError_whenItWasReset() {
        chart.examine(START, Map.of(Sign.ECC_UNCORRECTED, 17.0));

        assertThat(chart.examine(START.plusSeconds(1), Map.of(Sign.ECC_UNCORRECTED, 0.0)))
                .isEmpty();
    }

    @Test
    void lostLinksAreAFindingUntilTheyAreBackOrTheGpuIsReset_whenThereWereMore() {
        assertThat(chart.examine(START, Map.of(Sign.NVLINK_LINKS, 18.0))).isEmpty();

        List<Finding> down = chart.examine(START.plusSeconds(1), Map.of(Sign.NVLINK_LINKS, 16.0));
        List<Finding> notReadSince = chart.examine(START.plusSeconds(2), Map.of());
        List<Finding> back = chart.examine(START.plusSeconds(3), Map.of(Sign.NVLINK_LINKS, 18.0));
        chart.wasReset();
        List<Finding> afterReset = chart.examine(START.plusSeconds(4), Map.of(Sign.NVLINK_LINKS, 12.0));

        assertThat(down)
                .singleElement()
                .isEqualTo(new Finding(Grade.DEGRADED, "16 of 18 NVLink links are up", Remedy.CHECK_NVLINK.action()));
        assertThat(notReadSince).isEqualTo(down);
        assertThat(back).isEmpty();
        assertThat(afterReset).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1, FAILING, GPU reset",
        "2, FAILING, node reboot",
        "3, DEGRADED, drain P2P",
        "4, FAILING, drain and reset",
        "5, DEGRADED, recover IMEX domain",
        "9, DEGRADED, action 9"
    })
    void recoveryActionIsAFinding_forEach(double action, Grade grade, String word) {
        assertThat(chart.examine(START, Map.of(Sign.RECOVERY_ACTION, action)))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.grade()).isEqualTo(grade);
                    assertThat(finding.reason()).isEqualTo("the driver asks for recovery: " + word);
                    assertThat(finding.action()).isNotEmpty();
                });
    }

    @ParameterizedTest
    @CsvSource({
        "ROWS_FAILED, FAILING, replace",
        "SRAM_THRESHOLD, FAILING, replace",
        "ROWS_PENDING, DEGRADED, reset",
        "PAGES_PENDING, DEGRADED, reboot"
    })
    void memorySignIsAFindingWithItsAction_whenSet(Sign sign, Grade grade, String action) {
        assertThat(chart.examine(START, Map.of(sign, 1.0))).singleElement().satisfies(finding -> {
            assertThat(finding.grade()).isEqualTo(grade);
            assertThat(finding.action()).contains(action);
        });
        assertThat(chart.examine(START, Map.of())).as("not read in this poll").hasSize(1);
        assertThat(chart.examine(START, Map.of(sign, 0.0))).isEmpty();
    }

    @Test
    void gravestFindingComesFirst_whenThereAreSeveral() {
        chart.note(START, 79, OptionalInt.empty());

        List<Finding> findings = chart.examine(START, Map.of(Sign.ROWS_PENDING, 1.0, Sign.TEMPERATURE_MARGIN, -2.0));

        assertThat(findings).extracting(Finding::grade).containsExactly(Grade.FAILING, Grade.DEGRADED, Grade.DEGRADED);
    }

    /** DCGM's budget: about 31 a minute for generation 5 at 16 lanes. */
    @Test
    void replayBudgetFollowsGenerationAndWidth_always() {
        assertThat(Chart.replayBudgetPerMinute(5, 16)).isCloseTo(30.7, within(0.1));
        assertThat(Chart.replayBudgetPerMinute(3, 8)).isCloseTo(3.84, within(0.01));
        assertThat(Chart.replayBudgetPerMinute(0, 16)).isZero();
    }

    @Test
    void replaysDegradeTheGpu_onlyPastTheBudgetOfItsLink() {
        Map<Sign, Double> link = Map.of(Sign.PCIE_GENERATION, 5.0, Sign.PCIE_WIDTH, 16.0);

        assertThat(rising(Sign.PCIE_REPLAYS, 0.5, 60, link)).isEmpty();
        assertThat(new ChartTest().rising(Sign.PCIE_REPLAYS, 1, 60, link))
                .singleElement()
                .satisfies(finding -> assertThat(finding.reason())
                        .isEqualTo("60 PCIe replays a minute (31 are allowed at generation 5 x16)"));
        assertThat(new ChartTest().rising(Sign.PCIE_REPLAYS, 1, 60, Map.of()))
                .as("a link of unknown speed has no budget")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "HW_THERMAL_SECONDS, thermally slowed by hardware",
        "SW_THERMAL_SECONDS, thermally slowed",
        "POWER_BRAKE_SECONDS, slowed by the power brake"
    })
    void slowdownIsAFindingByItsShareOfTheMinute_neverByASingleBit(Sign sign, String words) {
        assertThat(rising(sign, 0.05, 60, Map.of())).isEmpty();
        assertThat(new ChartTest().rising(sign, 0.41, 60, Map.of()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.reason()).isEqualTo(words + " for 41 % of the last minute"));
    }

    @Test
    void xidIsSettled_onlyWhenTheDriverAsksForNothingAMinuteLater() {
        chart.note(START, 95, OptionalInt.empty());

        assertThat(chart.examine(START.plusSeconds(61), Map.of())).hasSize(1);
        assertThat(chart.examine(START.plusSeconds(59), Map.of(Sign.RECOVERY_ACTION, 0.0)))
                .hasSize(1);
        assertThat(chart.examine(START.plusSeconds(61), Map.of(Sign.RECOVERY_ACTION, 0.0)))
                .isEmpty();
    }

    @Test
    void sameXidIsOneFinding_whenItComesAgainAndAgain() {
        for (int i = 0; i < 200; i++) {
            chart.note(START, 31, OptionalInt.empty());
        }

        assertThat(chart.examine(START, Map.of())).hasSize(1);
        assertThat(chart.recentXids(START)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "79, RESTART_NODE",
        "48, RESET_GPU",
        "109, RESET_GPU",
        "74, CHECK_NVLINK",
        "150, CHECK_NVLINK",
        "94, RESTART_APP",
        "31, RESTART_APP",
        "54, CHECK_POWER",
        "63, WATCH",
        "43, IGNORE",
        "4711, UNKNOWN"
    })
    void xidHasTheRemedyOfNvidiasCatalogue_forEach(int xid, Remedy remedy) {
        assertThat(XidCatalogue.of(xid).remedy()).isEqualTo(remedy);
    }
}
