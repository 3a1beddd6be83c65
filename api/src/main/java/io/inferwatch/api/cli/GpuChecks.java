package io.inferwatch.api.cli;

import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuConfig;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuVerdict;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** NVML, and each reading that is not had, once: by the running sidecar where there is one, else by asking for a moment. */
final class GpuChecks {
    private final Checkup checkup;

    GpuChecks(Checkup checkup) {
        this.checkup = checkup;
    }

    /**
     * One GPU as both ways tell it.
     *
     * @param absences by metric, the state of each reading that has no value
     */
    private record Told(String index, String state, String reason, Map<String, String> absences) {}

    /** @param fleet the answer of {@code GET /api/v1/gpus} */
    void ofSidecar(Map<String, Object> fleet) {
        List<Told> gpus = Json.objects(fleet, "gpus").stream()
                .map(gpu -> {
                    Map<String, String> absences = new TreeMap<>();
                    Json.asObject(gpu.get("readings")).forEach((metric, reading) -> {
                        Object state = Json.asObject(reading).get("state");
                        if (state != null && !state.equals("value")) {
                            absences.put(metric, state.toString());
                        }
                    });
                    Map<String, Object> verdict = Json.asObject(gpu.get("verdict"));
                    return new Told(
                            ClientCommand.cell(gpu.get("index")),
                            String.valueOf(verdict.get("state")),
                            String.valueOf(verdict.getOrDefault("reason", "")),
                            absences);
                })
                .toList();
        say(
                Optional.ofNullable(fleet.get("driver")).map(Object::toString),
                Optional.ofNullable(fleet.get("reason")).map(Object::toString),
                gpus);
    }

    void bySelf(ModuleConfigs configs) {
        GpuConfig config = configs.gpu();
        try (LocalGpus local = new LocalGpus(config)) {
            GpuFleet fleet = local.fleet();
            say(
                    fleet.driverVersion(),
                    fleet.reason(),
                    fleet.gpus().stream().map(GpuChecks::told).toList());
            boolean isWanted = config.enabled() == GpuConfig.Enabled.TRUE;
            if (fleet.gpus().isEmpty() && isWanted) {
                checkup.wrong("gpus", "gpu.enabled is true, and there are none");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void say(Optional<String> driver, Optional<String> reason, List<Told> gpus) {
        if (gpus.isEmpty()) {
            checkup.note("nvml", reason.orElse("no GPU answers"));
            return;
        }
        checkup.ok(
                "nvml",
                "driver " + driver.orElse("unknown") + ", " + gpus.size() + " GPUs"
                        + reason.map(why -> "; " + why).orElse(""));
        for (Told gpu : gpus) {
            if (!gpu.state().equals("healthy")) {
                checkup.wrong("gpu " + gpu.index(), gpu.state() + ": " + gpu.reason());
            }
        }
        absences(gpus);
    }

    /** A line a reading and state, with the GPUs it goes for. */
    private void absences(List<Told> gpus) {
        Map<String, List<String>> indexes = new TreeMap<>();
        for (Told gpu : gpus) {
            gpu.absences()
                    .forEach((metric, state) -> indexes.computeIfAbsent(
                                    metric + " is " + state.replace('_', ' '), key -> new ArrayList<>())
                            .add(gpu.index()));
        }
        indexes.forEach((what, on) -> checkup.note(
                "reading", what + (on.size() == gpus.size() ? " on every GPU" : " on GPU " + String.join(", ", on))));
    }

    private static Told told(GpuFleet.Gpu gpu) {
        Map<String, String> absences = new TreeMap<>();
        for (GpuFleet.Latest latest : gpu.readings()) {
            FieldReading field = latest.reading();
            state(field.reading()).ifPresent(state -> absences.put(field.field().metric(), state));
        }
        GpuVerdict verdict = gpu.verdict();
        return new Told(
                Integer.toString(gpu.identity().index()),
                verdict.state().name().toLowerCase(Locale.ROOT),
                verdict.reason(),
                absences);
    }

    private static Optional<String> state(Reading<Samples> reading) {
        return switch (reading) {
            case Reading.Value<Samples> value -> Optional.empty();
            case Reading.Unsupported<Samples> none -> Optional.of("unsupported");
            case Reading.NoPermission<Samples> none -> Optional.of("no_permission");
            case Reading.Stale<Samples> none -> Optional.of("stale");
            case Reading.Failed<Samples>(int code) -> Optional.of("failed");
        };
    }
}
