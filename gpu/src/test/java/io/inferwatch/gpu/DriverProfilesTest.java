package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.reading;
import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.DriverLevel;
import io.inferwatch.gpu.testing.ScriptedCard;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** What each card and each age of driver tells and does not: states that are right, and nothing in the log. */
class DriverProfilesTest {
    private static final Set<String> PAGES = Set.of("gpu.pages.pending", "gpu.pages.retired");
    private static final Set<String> GPM =
            Set.of("gpu.sm.occupancy", "gpu.tensor.active", "gpu.dram.active", "gpu.graphics.active");
    private static final Set<String> LINK = Set.of("gpu.nvlink.bytes", "gpu.nvlink.errors", "gpu.nvlink.links");
    private static final Set<String> ROWS = Set.of("gpu.rows.remapped", "gpu.rows.pending", "gpu.rows.failed");

    private static final Map<ScriptedCard, Set<String>> UNSUPPORTED = Map.of(
            ScriptedCard.H100_80GB_HBM3,
            Set.of(),
            ScriptedCard.H100_80GB_HBM3_MIG,
            all(List.of(GPM, ROWS, Set.of("gpu.utilization", "gpu.memory.copy_utilization", "gpu.sm.utilization"))),
            ScriptedCard.H200,
            Set.of(),
            ScriptedCard.A100_SXM4_80GB,
            all(List.of(
                    GPM, Set.of("gpu.pcie.bytes", "gpu.temperature.margin", "gpu.throttle", "gpu.recovery_action"))),
            ScriptedCard.L40S,
            all(List.of(GPM, LINK, Set.of("gpu.temperature.memory"))),
            ScriptedCard.RTX_4080_SUPER,
            all(List.of(GPM, LINK, ROWS, Set.of("gpu.temperature.memory", "gpu.temperature.margin", "gpu.ecc.errors"))),
            ScriptedCard.RTX_2080_SUPER,
            all(List.of(
                    GPM,
                    LINK,
                    ROWS,
                    Set.of(
                            "gpu.temperature.memory",
                            "gpu.temperature.margin",
                            "gpu.ecc.errors",
                            "gpu.ecc.sram.errors",
                            "gpu.ecc.sram.threshold_exceeded"))));

    private final Path folder;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    DriverProfilesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private static Set<String> all(List<Set<String>> sets) {
        return sets.stream().flatMap(Set::stream).collect(Collectors.toSet());
    }

    @BeforeEach
    void listen() {
        log.start();
        root().addAppender(log);
    }

    @AfterEach
    void stopListening() {
        root().detachAppender(log);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private void logIsQuiet() {
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .isEmpty();
    }

    private static ProbeBench bench(ScriptedNvml driver) {
        return ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(driver.library().toString()));
    }

    private static GpuPoll healthy(ProbeBench bench) {
        bench.beats(5);
        bench.beats(5);
        List<GpuPoll> polls = bench.beats(1);
        assertThat(polls.getFirst().verdict().state()).isEqualTo(State.HEALTHY);
        return polls.getFirst();
    }

    /** Metrics of which at least one part cannot be told. */
    private static Set<String> unsupported(GpuPoll poll) {
        return poll.readings().stream()
                .filter(reading -> reading.reading() instanceof Reading.Unsupported)
                .map(reading -> reading.field().metric())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @EnumSource(ScriptedCard.class)
    void whatTheCardLacksIsUnsupportedAndTheRestHasValues_forEach(ScriptedCard card) {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script(card.script());

        GpuPoll poll = healthy(bench(driver));

        assertThat(unsupported(poll)).isEqualTo(new TreeSet<>(all(List.of(PAGES, UNSUPPORTED.get(card)))));
        assertThat(poll.readings())
                .filteredOn(reading -> !(reading.reading() instanceof Reading.Unsupported))
                .hasSizeGreaterThan(20)
                .allSatisfy(reading ->
                        assertThat(reading.reading()).as(reading.toString()).isInstanceOf(Reading.Value.class));
        assertThat(driver.faults()).isEmpty();
        logIsQuiet();
    }

    @ParameterizedTest
    @EnumSource(DriverLevel.class)
    void everythingThatLevelKnowsIsRead_forEachAgeOfDriver(DriverLevel level) {
        ScriptedNvml driver = level.compile(folder).script(level.script(ScriptedCard.H100_80GB_HBM3.script()));

        GpuPoll poll = healthy(bench(driver));

        Set<String> missing = new TreeSet<>(PAGES);
        if (level.compareTo(DriverLevel.HEADER_12_4) < 0) {
            missing.add("gpu.ecc.sram.errors");
            missing.add("gpu.ecc.sram.threshold_exceeded");
        }
        if (level.compareTo(DriverLevel.HEADER_12_8) < 0) {
            missing.add("gpu.temperature.margin");
            missing.add("gpu.recovery_action");
        }
        if (level.compareTo(DriverLevel.HEADER_13_0) < 0) {
            missing.add("gpu.throttle");
        }
        assertThat(unsupported(poll)).isEqualTo(missing);
        assertThat(value(poll, "gpu.sm.utilization")).isEqualTo(63.4);
        assertThat(value(poll, "gpu.pcie.bytes", "tx"))
                .as("by GPM where the driver is older than its byte counters")
                .isEqualTo(level.compareTo(DriverLevel.HEADER_12_8) < 0 ? 10 * 180.0 * (1 << 20) : 0);
        assertThat(value(poll, "gpu.throttle", "sw_thermal")).isEqualTo(level == DriverLevel.HEADER_13_0 ? 0.001 : 0);
        assertThat(driver.faults()).isEmpty();
        logIsQuiet();
    }

    @Test
    void statesAreRightAndTheLogIsQuiet_withoutMemoryInfoV2() {
        ScriptedNvml driver =
                ScriptedNvml.compile(folder, "nvmlDeviceGetMemoryInfo_v2").script(ScriptedCard.H100_80GB_HBM3.script());

        GpuPoll poll = healthy(bench(driver));

        assertThat(unsupported(poll)).contains("gpu.memory.reserved").doesNotContain("gpu.memory.used");
        assertThat(value(poll, "gpu.memory.used"))
                .as("the older call counts what is reserved")
                .isEqualTo(70_000_000_000.0 + 500_000_000);
        logIsQuiet();
    }

    @Test
    void refusedReadingsSaySoAndComeBack_whenPermissionIsRevokedMidway() {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script(ScriptedCard.H100_80GB_HBM3.script());
        ProbeBench bench = bench(driver);
        healthy(bench);

        driver.script(ScriptedCard.H100_80GB_HBM3.script(
                "call nvmlDeviceGetFieldValues ret=4",
                "call nvmlGpmSampleGet ret=4",
                "call nvmlDeviceGetSamples ret=4"));
        GpuPoll refused = bench.beat().getFirst();
        driver.script(ScriptedCard.H100_80GB_HBM3.script());
        GpuPoll back = bench.beats(2).getLast();

        assertThat(List.of("gpu.energy", "gpu.temperature.memory", "gpu.dram.active", "gpu.sm.utilization"))
                .allSatisfy(
                        metric -> assertThat(reading(refused, metric)).isEqualTo(new Reading.NoPermission<Samples>()));
        assertThat(value(refused, "gpu.utilization")).as("by the rates").isEqualTo(99);
        assertThat(value(refused, "gpu.power")).isEqualTo(641.25);
        assertThat(refused.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(value(back, "gpu.dram.active")).isEqualTo(71.2);
        logIsQuiet();
    }

    @Test
    void callsOfAMinuteStayWithinTheBudget_onAHopper() {
        ScriptedNvml driver = ScriptedNvml.compile(folder)
                .script(ScriptedCard.H100_80GB_HBM3.script("ring * gpu 1000:90", "ring * memory 1000:40"));
        ProbeBench bench = bench(driver);

        bench.beats(60);

        assertThat(bench.probe().stats().calls().entrySet().stream()
                        .filter(call -> driver.calls(call.getKey()) > 0)
                        .collect(Collectors.toMap(Map.Entry::getKey, call -> driver.calls(call.getKey()))))
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("nvmlInit_v2", 1L),
                        Map.entry("nvmlSystemGetDriverVersion", 1L),
                        Map.entry("nvmlSystemGetCudaDriverVersion_v2", 1L),
                        Map.entry("nvmlDeviceGetCount_v2", 2L),
                        Map.entry("nvmlDeviceGetHandleByIndex_v2", 1L),
                        Map.entry("nvmlDeviceGetUUID", 1L),
                        Map.entry("nvmlDeviceGetIndex", 1L),
                        Map.entry("nvmlDeviceGetName", 1L),
                        Map.entry("nvmlGpmQueryDeviceSupport", 1L),
                        Map.entry("nvmlGpmSampleAlloc", 2L),
                        // A second:
                        Map.entry("nvmlDeviceGetSamples", 60 * 3 + 1L),
                        Map.entry("nvmlDeviceGetUtilizationRates", 59L),
                        Map.entry("nvmlDeviceGetMemoryInfo_v2", 60L),
                        Map.entry("nvmlDeviceGetPowerUsage", 60L),
                        Map.entry("nvmlDeviceGetEnforcedPowerLimit", 60L),
                        Map.entry("nvmlDeviceGetTemperature", 60L),
                        Map.entry("nvmlDeviceGetMarginTemperature", 60L),
                        Map.entry("nvmlDeviceGetClockInfo", 120L),
                        Map.entry("nvmlDeviceGetCurrentClocksEventReasons", 60L),
                        Map.entry("nvmlDeviceGetFieldValues", 60L),
                        Map.entry("nvmlGpmSampleGet", 60L),
                        Map.entry("nvmlGpmMetricsGet", 59L),
                        // Every ten seconds:
                        Map.entry("nvmlDeviceGetSramEccErrorStatus", 6L),
                        // The threads that wait for events:
                        Map.entry("nvmlDeviceGetHandleByUUID", 1L),
                        Map.entry("nvmlDeviceGetSupportedEventTypes", 1L),
                        Map.entry("nvmlDeviceRegisterEvents", 1L),
                        Map.entry("nvmlEventSetCreate", 1L),
                        Map.entry("nvmlEventSetWait_v2", 60L),
                        Map.entry("nvmlSystemEventSetCreate", 1L),
                        Map.entry("nvmlSystemEventSetWait", 60L),
                        // Every five seconds:
                        Map.entry("nvmlDeviceGetCurrPcieLinkGeneration", 12L),
                        Map.entry("nvmlDeviceGetCurrPcieLinkWidth", 12L),
                        // The census of processes and MIG, every ten:
                        Map.entry("nvmlDeviceGetComputeRunningProcesses_v3", 6L),
                        Map.entry("nvmlDeviceGetGraphicsRunningProcesses_v3", 6L),
                        Map.entry("nvmlDeviceGetMPSComputeRunningProcesses_v3", 6L),
                        Map.entry("nvmlDeviceGetProcessesUtilizationInfo", 6L),
                        Map.entry("nvmlDeviceGetMigMode", 6L),
                        // Once, since this card does not know:
                        Map.entry("nvmlDeviceGetRetiredPagesPendingStatus", 1L)));
        assertThat(driver.faults()).isEmpty();
    }
}
