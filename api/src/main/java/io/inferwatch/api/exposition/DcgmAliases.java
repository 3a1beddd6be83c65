package io.inferwatch.api.exposition;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import io.inferwatch.histograms.SeriesTotals;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The GPU readings under the names and in the units that dcgm-exporter gives them (its {@code default-counters.csv}), so
 * that dashboards made for it go on. Only what has a value is told, never a sentinel; what DCGM means by a name and NVML
 * does not tell is left out. Pure.
 */
public final class DcgmAliases {
    private static final double MIB = 1 << 20;
    private static final double PERCENT = 100;

    /** A compute instance is called {@code 1c.3g.40gb}; the GPU instance is the rest. */
    private static final Pattern PROFILE = Pattern.compile("\\d+g\\.\\d+gb\\S*");

    private static final List<Alias> ALIASES = List.of(
            gauge("DEV_SM_CLOCK", "SM clock frequency (in MHz).", "gpu.clock.sm", 1),
            gauge("DEV_MEM_CLOCK", "Memory clock frequency (in MHz).", "gpu.clock.memory", 1),
            gauge("DEV_GPU_TEMP", "GPU temperature (in C).", "gpu.temperature", 1),
            gauge("DEV_MEMORY_TEMP", "Memory temperature (in C).", "gpu.temperature.memory", 1),
            gauge("DEV_POWER_USAGE", "Power draw (in W).", "gpu.power", 1),
            gauge("DEV_POWER_MGMT_LIMIT", "Power limit (in W).", "gpu.power.limit", 1),
            counter("DEV_TOTAL_ENERGY_CONSUMPTION", "Total energy consumption (in mJ).", "gpu.energy", 1e-3),
            gauge("DEV_GPU_UTIL", "GPU utilization (in %).", "gpu.utilization", 1),
            gauge("DEV_MEM_COPY_UTIL", "Memory utilization (in %).", "gpu.memory.copy_utilization", 1),
            new Alias("DEV_FB_FREE", "Framebuffer memory free (in MiB).", false, DcgmAliases::freeMebibytes),
            gauge("DEV_FB_USED", "Framebuffer memory used (in MiB).", "gpu.memory.used", MIB),
            gauge("DEV_FB_RESERVED", "Framebuffer memory reserved (in MiB).", "gpu.memory.reserved", MIB),
            gauge("DEV_FB_TOTAL", "Framebuffer memory installed (in MiB).", "gpu.memory.total", MIB),
            new Alias("PROF_SM_ACTIVE", "Ratio of cycles an SM has a warp on it.", false, DcgmAliases::smActive),
            gauge("PROF_SM_OCCUPANCY", "Ratio of warps resident on the SMs.", "gpu.sm.occupancy", PERCENT),
            gauge(
                    "PROF_PIPE_TENSOR_ACTIVE",
                    "Ratio of cycles the tensor pipe is active.",
                    "gpu.tensor.active",
                    PERCENT),
            gauge("PROF_DRAM_ACTIVE", "Ratio of cycles memory moves data.", "gpu.dram.active", PERCENT),
            gauge(
                    "PROF_GR_ENGINE_ACTIVE",
                    "Ratio of time the graphics engine is active.",
                    "gpu.graphics.active",
                    PERCENT),
            counter("DEV_PCIE_REPLAY_COUNTER", "Total number of PCIe retries.", "gpu.pcie.replays", 1),
            part("DEV_ECC_SBE_VOL_TOTAL", "Single-bit volatile ECC errors.", "gpu.ecc.errors", "corrected"),
            part("DEV_ECC_DBE_VOL_TOTAL", "Double-bit volatile ECC errors.", "gpu.ecc.errors", "uncorrected"),
            part("DEV_CORRECTABLE_REMAPPED_ROWS", "Rows remapped, correctable.", "gpu.rows.remapped", "corrected"),
            part(
                    "DEV_UNCORRECTABLE_REMAPPED_ROWS",
                    "Rows remapped, uncorrectable.",
                    "gpu.rows.remapped",
                    "uncorrected"),
            gauge("DEV_ROW_REMAP_FAILURE", "Whether remapping of rows has failed.", "gpu.rows.failed", 1),
            gauge("DEV_ROW_REMAP_PENDING", "Whether remapping of rows is pending.", "gpu.rows.pending", 1),
            part("DEV_RETIRED_SBE", "Pages retired for single-bit errors.", "gpu.pages.retired", "corrected"),
            part("DEV_RETIRED_DBE", "Pages retired for double-bit errors.", "gpu.pages.retired", "uncorrected"),
            gauge("DEV_RETIRED_PENDING", "Whether pages are pending retirement.", "gpu.pages.pending", 1),
            part("DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "NVLink flow CRC errors.", "gpu.nvlink.errors", "crc_flit"),
            part("DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL", "NVLink data CRC errors.", "gpu.nvlink.errors", "crc_data"),
            part("DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", "NVLink retries.", "gpu.nvlink.errors", "replay"),
            part("DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "NVLink recoveries.", "gpu.nvlink.errors", "recovery"));

    /**
     * @param isCounter told without a type: the format would add {@code _total}, which DCGM's names lack
     * @param value of one device, in DCGM's unit
     */
    private record Alias(String name, String help, boolean isCounter, Function<Device, OptionalDouble> value) {}

    /**
     * A GPU, or a MIG instance of one.
     *
     * @param instance its number within the GPU
     * @param profile of the instance, {@code 1g.10gb}, where the driver's name for it tells
     * @param readings what the driver says of it alone
     */
    private record Device(
            String uuid, Optional<String> instance, Optional<String> profile, List<FieldReading> readings) {
        static Stream<Device> of(GpuFleet.Gpu gpu) {
            Map<Optional<String>, List<FieldReading>> byInstance = gpu.readings().stream()
                    .map(GpuFleet.Latest::reading)
                    .collect(Collectors.groupingBy(
                            reading -> Optional.ofNullable(reading.labels().get(FieldReading.GPU_INSTANCE))));
            return byInstance.entrySet().stream()
                    .map(entry -> new Device(
                            gpu.identity().uuid(), entry.getKey(), profile(gpu, entry.getKey()), entry.getValue()));
        }

        private static Optional<String> profile(GpuFleet.Gpu gpu, Optional<String> instance) {
            return gpu.occupancy().instances().stream()
                    .filter(mig -> instance.equals(Optional.of(Integer.toString(mig.gpuInstance()))))
                    .map(mig -> PROFILE.matcher(mig.name()))
                    .filter(Matcher::find)
                    .map(Matcher::group)
                    .findFirst();
        }

        /** The labels of the GPU, and as dcgm-exporter names an instance. */
        Labels labels(Labels ofGpu) {
            Labels numbered = instance.map(number -> ofGpu.merge(Labels.of("GPU_I_ID", number)))
                    .orElse(ofGpu);
            return profile.map(name -> numbered.merge(Labels.of("GPU_I_PROFILE", name)))
                    .orElse(numbered);
        }

        OptionalDouble reading(String metric, Map<String, String> labels) {
            Map<String, String> wanted = new TreeMap<>(labels);
            instance.ifPresent(number -> wanted.put(FieldReading.GPU_INSTANCE, number));
            return readings.stream()
                    .filter(reading -> reading.field().metric().equals(metric)
                            && (reading.part().equals(wanted)
                                    || reading.labels().equals(wanted)))
                    .findFirst()
                    .map(DcgmAliases::value)
                    .orElse(OptionalDouble.empty());
        }
    }

    private DcgmAliases() {}

    /** @param series what the sidecar has of its own: the labels of a GPU are taken from there */
    public static MetricSnapshots of(List<GpuFleet.Gpu> gpus, List<SeriesTotals> series) {
        Map<String, Labels> labels = labelsByUuid(gpus, series);
        List<Device> devices = gpus.stream().flatMap(Device::of).toList();
        List<MetricSnapshot> snapshots = new ArrayList<>();
        for (Alias alias : ALIASES) {
            Map<Labels, Double> values = new TreeMap<>();
            for (Device device : devices) {
                Labels of = device.labels(labels.getOrDefault(device.uuid(), Labels.EMPTY));
                alias.value().apply(device).ifPresent(value -> values.put(of, value));
            }
            if (!values.isEmpty()) {
                snapshots.add(snapshot(alias, values));
            }
        }
        return new MetricSnapshots(snapshots);
    }

    private static MetricSnapshot snapshot(Alias alias, Map<Labels, Double> values) {
        String name = "DCGM_FI_" + alias.name();
        if (alias.isCounter()) {
            UnknownSnapshot.Builder counter =
                    UnknownSnapshot.builder().name(name).help(alias.help());
            values.forEach((labels, value) -> counter.dataPoint(UnknownSnapshot.UnknownDataPointSnapshot.builder()
                    .labels(labels)
                    .value(value)
                    .build()));
            return counter.build();
        }
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(alias.help());
        values.forEach((labels, value) -> gauge.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value(value)
                .build()));
        return gauge.build();
    }

    /** As dcgm-exporter labels a GPU, and whatever else every series of this sidecar carries. */
    private static Map<String, Labels> labelsByUuid(List<GpuFleet.Gpu> gpus, List<SeriesTotals> series) {
        Map<String, Labels> byUuid = new TreeMap<>();
        for (GpuFleet.Gpu gpu : gpus) {
            String index = Integer.toString(gpu.identity().index());
            Map<String, String> labels = new TreeMap<>();
            labels.put("gpu", index);
            labels.put("UUID", gpu.identity().uuid());
            labels.put("device", "nvidia" + index);
            labels.put("modelName", gpu.identity().name());
            series.stream()
                    .filter(one -> one.metric().name().equals("gpu.up"))
                    .map(SeriesTotals::labels)
                    .filter(own ->
                            own.get("uuid").equals(Optional.of(gpu.identity().uuid())))
                    .findFirst()
                    .ifPresent(own -> addOwn(labels, own));
            byUuid.put(gpu.identity().uuid(), Labels.of(List.copyOf(labels.keySet()), List.copyOf(labels.values())));
        }
        return byUuid;
    }

    private static void addOwn(Map<String, String> labels, LabelSet own) {
        own.asMap().forEach((name, value) -> {
            if (name.equals("host")) {
                labels.put("Hostname", value);
            } else if (!name.equals("gpu") && !name.equals("uuid")) {
                labels.putIfAbsent(PrometheusNaming.sanitizeLabelName(name), value);
            }
        });
    }

    private static Alias gauge(String name, String help, String metric, double unitsEach) {
        return new Alias(name, help, false, device -> scaled(device.reading(metric, Map.of()), unitsEach));
    }

    private static Alias counter(String name, String help, String metric, double unitsEach) {
        return new Alias(name, help, true, device -> scaled(device.reading(metric, Map.of()), unitsEach));
    }

    private static Alias part(String name, String help, String metric, String kind) {
        return new Alias(name, help, true, device -> device.reading(metric, Map.of("kind", kind)));
    }

    private static OptionalDouble freeMebibytes(Device device) {
        OptionalDouble total = device.reading("gpu.memory.total", Map.of());
        OptionalDouble used = device.reading("gpu.memory.used", Map.of());
        double reserved = device.reading("gpu.memory.reserved", Map.of()).orElse(0);
        return total.isPresent() && used.isPresent()
                ? OptionalDouble.of((total.getAsDouble() - used.getAsDouble() - reserved) / MIB)
                : OptionalDouble.empty();
    }

    /** Only as GPM measures it: utilization by NVML is something else. */
    private static OptionalDouble smActive(Device device) {
        return scaled(device.reading("gpu.sm.utilization", Map.of("source", "gpm")), PERCENT);
    }

    private static OptionalDouble value(FieldReading reading) {
        return reading.reading() instanceof Reading.Value<Samples>(Samples samples)
                ? OptionalDouble.of(samples.last())
                : OptionalDouble.empty();
    }

    /** @param unitsEach how many of our units are one of DCGM's */
    private static OptionalDouble scaled(OptionalDouble value, double unitsEach) {
        return value.isPresent() ? OptionalDouble.of(value.getAsDouble() / unitsEach) : value;
    }
}
