package io.inferwatch.benchmarks;

import io.inferwatch.gpu.testing.ScriptedCard;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Eight scripted H100 and two divided by MIG, each with values of its own, and counters that run while it is told to: the
 * script, and what has to be found again of it.
 */
final class ScriptedHost {
    static final int WHOLE = 8;
    static final int ALL = 10;
    static final int INSTANCES = 2;

    static final double WATTS = 641.25;

    /** How much each counter of a GPU grows in a second of the script, in its catalogue unit, by part. */
    static final Map<Counter, Double> PER_SECOND = counters();

    /** One XID of GPU 6, each time the script is read. */
    static final String XID = "xid 6 31";

    /** A call on GPU 2 that does not return, and slow ones on GPU 3. */
    static final String[] TROUBLE = {
        "call nvmlDeviceGetPowerUsage gpu=2 hang", "call nvmlDeviceGetTemperature gpu=3 delay_ms=300"
    };

    private final ScriptedNvml nvml;

    /**
     * A counter and the part of it that runs.
     *
     * @param label of the series: {@code reason:sw_power_cap}; empty: the metric has no parts
     */
    record Counter(String metric, String label) {}

    /**
     * A level of one GPU, as the catalogue has it and as {@code /metrics} does.
     *
     * @param source {@code gpm}, {@code nvml} or empty
     */
    record Level(String metric, String page, double pagePerUnit, double value, String source) {}

    private ScriptedHost(ScriptedNvml nvml) {
        this.nvml = nvml;
    }

    static ScriptedHost compile(Path folder) {
        ScriptedHost host = new ScriptedHost(ScriptedNvml.compile(folder));
        host.at(0);
        return host;
    }

    Path library() {
        return nvml.library();
    }

    /** What the sidecar did that NVML forbids. */
    List<String> faults() {
        return nvml.faults();
    }

    private static Map<Counter, Double> counters() {
        Map<Counter, Double> rates = new LinkedHashMap<>();
        rates.put(new Counter("gpu.energy", ""), WATTS);
        rates.put(new Counter("gpu.throttle", "reason:sw_power_cap"), 0.25);
        rates.put(new Counter("gpu.throttle", "reason:hw_thermal"), 0.05);
        rates.put(new Counter("gpu.pcie.bytes", "direction:tx"), 1e6);
        rates.put(new Counter("gpu.nvlink.bytes", "direction:rx"), 2_000.0 * 1024);
        rates.put(new Counter("gpu.ecc.errors", "kind:corrected"), 1.0);
        rates.put(new Counter("gpu.ecc.sram.errors", "kind:corrected"), 1.0);
        rates.put(new Counter("gpu.pcie.replays", ""), 1.0);
        rates.put(new Counter("gpu.nvlink.errors", "kind:replay"), 1.0);
        rates.put(new Counter("gpu.rows.remapped", "kind:corrected"), 1.0);
        return rates;
    }

    /** Every level of a whole GPU. */
    static List<Level> levels(int gpu) {
        return List.of(
                new Level("gpu.sm.utilization", "gpu_sm_utilization_ratio", 0.01, 60.4 + gpu, "gpm"),
                new Level("gpu.sm.occupancy", "gpu_sm_occupancy_ratio", 0.01, 20.7 + gpu, "gpm"),
                new Level("gpu.tensor.active", "gpu_tensor_active_ratio", 0.01, 10.9 + gpu, "gpm"),
                new Level("gpu.dram.active", "gpu_dram_active_ratio", 0.01, 70.2 + gpu, "gpm"),
                new Level("gpu.graphics.active", "gpu_graphics_active_ratio", 0.01, 90.1 + gpu, "gpm"),
                new Level("gpu.utilization", "gpu_utilization_ratio", 0.01, 90 + gpu, ""),
                new Level("gpu.memory.copy_utilization", "gpu_memory_copy_utilization_ratio", 0.01, 30 + gpu, ""),
                new Level("gpu.memory.used", "gpu_memory_used_bytes", 1, 70e9 + gpu * 1e9, ""),
                new Level("gpu.memory.total", "gpu_memory_total_bytes", 1, 85_899_345_920.0, ""),
                new Level("gpu.memory.reserved", "gpu_memory_reserved_bytes", 1, 500e6 + gpu * 1e6, ""),
                new Level("gpu.power", "gpu_power_watts", 1, 641.25 + gpu, ""),
                new Level("gpu.power.limit", "gpu_power_limit_watts", 1, 690 + gpu, ""),
                new Level("gpu.temperature", "gpu_temperature_celsius", 1, 50 + gpu, ""),
                new Level("gpu.temperature.memory", "gpu_temperature_memory_celsius", 1, 60 + gpu, ""),
                new Level("gpu.temperature.margin", "gpu_temperature_margin_celsius", 1, 20 + gpu, ""),
                new Level("gpu.clock.sm", "gpu_clock_sm_hertz", 1e6, 1900 + gpu, ""),
                new Level("gpu.clock.memory", "gpu_clock_memory_hertz", 1e6, 2600 + gpu, ""),
                new Level("gpu.pcie.generation", "gpu_pcie_generation", 1, 5, ""),
                new Level("gpu.pcie.width", "gpu_pcie_width", 1, 8 + gpu, ""),
                new Level("gpu.up", "gpu_up", 1, 1, ""));
    }

    /** SM activity of an instance of a divided GPU, in percent. */
    static double instanceSm(int gpu, int instance) {
        return gpu + instance + 0.5;
    }

    /**
     * What the driver says so many seconds into the load.
     *
     * @param more lines of the script, which win
     */
    void at(int seconds, String... more) {
        List<String> lines = new ArrayList<>();
        lines.add("gpus " + ALL);
        for (int gpu = 0; gpu < WHOLE; gpu++) {
            whole(gpu, lines);
        }
        for (int gpu = WHOLE; gpu < ALL; gpu++) {
            divided(gpu, lines);
        }
        lines.add("field * 83 " + (1_000_000L + 641_250L * seconds));
        lines.add("field * 74 " + 250_000_000L * seconds);
        lines.add("field * 270 " + 50_000_000L * seconds);
        lines.add("field * 197 " + 1_000_000L * seconds);
        lines.add("field * 139@all " + 2_000L * seconds);
        lines.add("field * 3 " + seconds);
        lines.add("gpu * sram_corrected=" + seconds);
        lines.add("field * 94 " + seconds + " u32");
        lines.add("field * 52 " + seconds);
        lines.add("field * 142 " + seconds + " u32");
        lines.addAll(List.of(more));
        nvml.script(ScriptedCard.H100_80GB_HBM3.script(lines.toArray(String[]::new)));
    }

    private static void whole(int gpu, List<String> lines) {
        lines.add(String.format(
                Locale.ROOT,
                "gpu %d utilization=%d copy_utilization=%d used=%d000000000 reserved=%d000000 power_mw=%d limit_mw=%d",
                gpu,
                90 + gpu,
                30 + gpu,
                70 + gpu,
                500 + gpu,
                641_250 + 1000 * gpu,
                690_000 + 1000 * gpu));
        lines.add(String.format(
                Locale.ROOT,
                "gpu %d temperature_c=%d margin_c=%d sm_mhz=%d memory_mhz=%d pcie_width=%d",
                gpu,
                50 + gpu,
                20 + gpu,
                1900 + gpu,
                2600 + gpu,
                8 + gpu));
        lines.add("field " + gpu + " 82 " + (60 + gpu) + " u32");
        double[] activity = {90.1, 60.4, 20.7, 10.9, 70.2};
        int[] metric = {1, 2, 3, 5, 10};
        for (int i = 0; i < metric.length; i++) {
            lines.add(String.format(Locale.ROOT, "gpm %d %d %.1f", gpu, metric[i], activity[i] + gpu));
        }
    }

    /** Divided, it tells neither utilization nor activity of the whole. */
    private static void divided(int gpu, List<String> lines) {
        for (String call : List.of("nvmlDeviceGetUtilizationRates", "nvmlDeviceGetSamples", "nvmlGpmSampleGet")) {
            lines.add("call " + call + " gpu=" + gpu + " ret=3");
        }
        for (int instance = 1; instance <= INSTANCES; instance++) {
            lines.add(String.format(
                    Locale.ROOT, "mig %d uuid=MIG-%d-%d gi=%3$d ci=0 used=1000 total=9000", gpu, gpu, instance));
            lines.add(String.format(Locale.ROOT, "gpm %d 2 %.1f gi=%d", gpu, instanceSm(gpu, instance), instance));
        }
    }
}
