package io.inferwatch.gpu.health;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The course of one GPU's health: what was read of it lately and which XIDs it had. Driven by the times handed in; not
 * thread-safe.
 */
public final class Chart {
    /** An application's fault says something about the GPU for so long. */
    static final Duration XID_MEMORY = Duration.ofMinutes(10);

    /** After it, a driver that asks for no recovery is believed; field 230 is set a moment after the XID. */
    static final Duration RECOVERY_SETTLES = Duration.ofMinutes(1);

    private static final Duration ECC_MEMORY = Duration.ofMinutes(10);
    private static final Duration RATE_MEMORY = Duration.ofMinutes(1);

    /** Slowdown in so much of the last minute is more than a change of clocks, which also sets the bits. */
    private static final double SLOWED_SHARE = 0.1;

    /** A rate over less than this would be guessed. */
    private static final double LEAST_RATE_SECONDS = 10;

    private static final int MOST_XIDS = 64;

    private final Deque<Xid> xids = new ArrayDeque<>();
    private final Trend eccErrors = new Trend(ECC_MEMORY);
    private final Trend replays = new Trend(RATE_MEMORY);
    private final Map<Sign, Double> latest = new EnumMap<>(Sign.class);
    private final Map<Sign, Trend> slowdowns = new EnumMap<>(Sign.class);
    private double mostLinks;

    private record Xid(Instant at, int number, OptionalInt gpuInstance) {
        private XidCatalogue.Entry entry() {
            return XidCatalogue.of(number);
        }

        private String text() {
            String where = gpuInstance.isPresent() ? " in GPU instance " + gpuInstance.getAsInt() : "";
            return "XID " + number + " (" + entry().meaning() + ")" + where;
        }
    }

    /** Takes down an XID; the newest {@value #MOST_XIDS} are kept. */
    public void note(Instant at, int xid, OptionalInt gpuInstance) {
        if (xids.size() == MOST_XIDS) {
            xids.removeFirst();
        }
        xids.addLast(new Xid(at, xid, gpuInstance));
    }

    /** The GPU was reset, or the driver loaded anew: what its XIDs asked for has been done. */
    public void wasReset() {
        xids.clear();
        latest.clear();
        mostLinks = 0;
    }

    /** What the XIDs of the last ten minutes were, newest last, each with its time. */
    public List<String> recentXids(Instant now) {
        return xids.stream()
                .filter(xid -> xid.at().plus(XID_MEMORY).isAfter(now))
                .map(xid -> xid.text() + " at " + xid.at())
                .distinct()
                .toList();
    }

    /**
     * What is wrong, gravest first.
     *
     * @param news the signs that had a value in this poll; the others are as they last were
     */
    public List<Finding> examine(Instant now, Map<Sign, Double> news) {
        latest.putAll(news);
        Map<Sign, Double> signs = latest;
        List<Finding> findings = new ArrayList<>();
        recoveryAction(signs, findings);
        xids(now, signs, findings);
        memory(now, signs, findings);
        pcie(now, signs, findings);
        nvlink(signs, findings);
        slowdowns(now, signs, findings);
        findings.sort(Comparator.comparing(Finding::grade).reversed());
        return findings;
    }

    /** {@code nvmlDeviceGpuRecoveryAction_t}. */
    private static void recoveryAction(Map<Sign, Double> signs, List<Finding> findings) {
        int action = signs.getOrDefault(Sign.RECOVERY_ACTION, 0.0).intValue();
        switch (action) {
            case 0 -> {}
            case 1 -> asks(findings, Grade.FAILING, "GPU reset", Remedy.RESET_GPU.action());
            case 2 -> asks(findings, Grade.FAILING, "node reboot", "drain and reboot the node");
            case 3 ->
                asks(
                        findings,
                        Grade.DEGRADED,
                        "drain P2P",
                        "stop the programs that use peer-to-peer with it, then restart them");
            case 4 ->
                asks(
                        findings,
                        Grade.FAILING,
                        "drain and reset",
                        "let the work on it end, take no more, then reset it: nvidia-smi --gpu-reset -i <index>");
            case 5 -> asks(findings, Grade.DEGRADED, "recover IMEX domain", "recover the IMEX domain of the node");
            default -> asks(findings, Grade.DEGRADED, "action " + action, "see NVIDIA's GPU recovery actions");
        }
    }

    private static void asks(List<Finding> findings, Grade grade, String what, String action) {
        findings.add(new Finding(grade, "the driver asks for recovery: " + what, action));
    }

    private void xids(Instant now, Map<Sign, Double> signs, List<Finding> findings) {
        for (Xid xid : xids) {
            Remedy remedy = xid.entry().remedy();
            boolean isRecent = xid.at().plus(XID_MEMORY).isAfter(now);
            switch (remedy) {
                case RESTART_NODE, RESET_GPU -> {
                    if (!isSettled(xid, now, signs)) {
                        add(findings, Grade.FAILING, xid);
                    }
                }
                case CHECK_NVLINK, RESTART_VM, CHECK_POWER, RESTART_APP, UNKNOWN -> {
                    if (isRecent) {
                        add(findings, Grade.DEGRADED, xid);
                    }
                }
                case WATCH, IGNORE -> {}
            }
        }
    }

    /** The driver says that nothing is to be done, some time after. */
    private static boolean isSettled(Xid xid, Instant now, Map<Sign, Double> signs) {
        return signs.getOrDefault(Sign.RECOVERY_ACTION, 1.0) == 0
                && xid.at().plus(RECOVERY_SETTLES).isBefore(now);
    }

    private static void add(List<Finding> findings, Grade grade, Xid xid) {
        Finding finding = new Finding(grade, xid.text(), xid.entry().remedy().action());
        if (!findings.contains(finding)) {
            findings.add(finding);
        }
    }

    private void memory(Instant now, Map<Sign, Double> signs, List<Finding> findings) {
        if (isSet(signs, Sign.ROWS_FAILED)) {
            findings.add(new Finding(
                    Grade.FAILING,
                    "a memory row could not be remapped",
                    "replace the board: it has no spare rows left"));
        }
        if (isSet(signs, Sign.SRAM_THRESHOLD)) {
            findings.add(new Finding(
                    Grade.FAILING,
                    "more SRAM errors than NVIDIA allows",
                    "replace the board: NVIDIA's limit is passed"));
        }
        Double uncorrected = signs.get(Sign.ECC_UNCORRECTED);
        if (uncorrected != null) {
            eccErrors.note(now.toEpochMilli(), uncorrected);
            if (eccErrors.rise() > 0) {
                findings.add(new Finding(
                        Grade.FAILING,
                        String.format(Locale.ROOT, "%.0f uncorrectable memory errors", eccErrors.rise()),
                        "drain the GPU and reset it; replace the board if it happens again within a week"));
            }
        }
        if (isSet(signs, Sign.ROWS_PENDING)) {
            findings.add(new Finding(
                    Grade.DEGRADED, "a memory row waits to be remapped", "reset the GPU when it is next free"));
        }
        if (isSet(signs, Sign.PAGES_PENDING)) {
            findings.add(new Finding(
                    Grade.DEGRADED, "a memory page waits to be retired", "reboot the node when it is next free"));
        }
    }

    private void pcie(Instant now, Map<Sign, Double> signs, List<Finding> findings) {
        Double count = signs.get(Sign.PCIE_REPLAYS);
        if (count == null) {
            return;
        }
        replays.note(now.toEpochMilli(), count);
        int generation = signs.getOrDefault(Sign.PCIE_GENERATION, 0.0).intValue();
        int width = signs.getOrDefault(Sign.PCIE_WIDTH, 0.0).intValue();
        double budget = replayBudgetPerMinute(generation, width);
        if (replays.seconds() < LEAST_RATE_SECONDS || budget == 0) {
            return;
        }
        double perMinute = replays.rise() * 60 / replays.seconds();
        if (perMinute > budget) {
            findings.add(new Finding(
                    Grade.DEGRADED,
                    String.format(
                            Locale.ROOT,
                            "%.0f PCIe replays a minute (%.0f are allowed at generation %d x%d)",
                            perMinute,
                            budget,
                            generation,
                            width),
                    "reseat the board or riser, and look at the PCIe errors of its slot"));
        }
    }

    /**
     * How many replays are within the bit error rate PCIe allows: DCGM's health check takes line rate (Gb/s) / 1000 · 60
     * × lanes.
     *
     * @return 0 where the link is not known
     */
    static double replayBudgetPerMinute(int generation, int width) {
        double gigabitsPerSecond = switch (generation) {
            case 1 -> 2.5;
            case 2 -> 5;
            case 3 -> 8;
            case 4 -> 16;
            case 5 -> 32;
            case 6 -> 64;
            default -> 0;
        };
        return gigabitsPerSecond / 1000 * 60 * width;
    }

    /** How many links a board should have up depends on how it is built in: as many as it had since it was reset. */
    private void nvlink(Map<Sign, Double> signs, List<Finding> findings) {
        double links = signs.getOrDefault(Sign.NVLINK_LINKS, 0.0);
        mostLinks = Math.max(mostLinks, links);
        if (links < mostLinks) {
            findings.add(new Finding(
                    Grade.DEGRADED,
                    String.format(Locale.ROOT, "%.0f of %.0f NVLink links are up", links, mostLinks),
                    Remedy.CHECK_NVLINK.action()));
        }
    }

    private void slowdowns(Instant now, Map<Sign, Double> signs, List<Finding> findings) {
        slowdown(
                now,
                signs,
                Sign.HW_THERMAL_SECONDS,
                "thermally slowed by hardware",
                "check fans, airflow and the cold plate",
                findings);
        slowdown(
                now,
                signs,
                Sign.SW_THERMAL_SECONDS,
                "thermally slowed",
                "check fans, airflow and inlet temperature",
                findings);
        slowdown(
                now,
                signs,
                Sign.POWER_BRAKE_SECONDS,
                "slowed by the power brake",
                "look at the power supplies and the rack's limit",
                findings);
        Double margin = signs.get(Sign.TEMPERATURE_MARGIN);
        if (margin != null && margin <= 0) {
            findings.add(new Finding(
                    Grade.DEGRADED,
                    String.format(Locale.ROOT, "at its slowdown temperature (margin %.0f °C)", margin),
                    "check fans, airflow and the cold plate"));
        }
    }

    private void slowdown(
            Instant now, Map<Sign, Double> signs, Sign sign, String cause, String action, List<Finding> findings) {
        Double seconds = signs.get(sign);
        if (seconds == null) {
            return;
        }
        Trend trend = slowdowns.computeIfAbsent(sign, made -> new Trend(RATE_MEMORY));
        trend.note(now.toEpochMilli(), seconds);
        if (trend.seconds() >= LEAST_RATE_SECONDS && trend.rise() / trend.seconds() > SLOWED_SHARE) {
            findings.add(new Finding(
                    Grade.DEGRADED,
                    String.format(
                            Locale.ROOT,
                            "%s for %.0f %% of the last minute",
                            cause,
                            100 * trend.rise() / trend.seconds()),
                    action));
        }
    }

    private static boolean isSet(Map<Sign, Double> signs, Sign sign) {
        return signs.getOrDefault(sign, 0.0) > 0;
    }
}
