package io.inferwatch.api.cli;

import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.api.http.GpuFleetShape;
import io.inferwatch.gpu.GpuConfig;
import java.io.Console;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code inferwatch gpus}: one row a GPU. */
@Command(name = "gpus", description = "What NVML says, one row a GPU.", subcommands = GpusCommand.Accept.class)
final class GpusCommand extends ClientCommand {
    private static final Duration REFRESH = Duration.ofSeconds(1);

    /** ANSI: cursor home, and clear from there to the end of the screen. */
    private static final String HOME = "\033[H\033[J";

    @Option(names = "--watch", description = "again every second, until interrupted")
    boolean watch;

    /** Where the answer of {@code GET /api/v1/gpus} comes from. */
    private interface Source {
        String fleet() throws InterruptedException;
    }

    @Override
    int run(ApiClient api) {
        try {
            return show(() -> api.get("/api/v1/gpus", List.of()));
        } catch (NoSidecar none) {
            return bySelf(String.valueOf(none.getMessage()));
        }
    }

    /** Without a sidecar NVML is asked from here: what needs a history, such as XIDs, is not known then. */
    private int bySelf(String why) {
        GpuConfig config =
                ModuleConfigs.of(InferwatchCommand.configuration(options)).gpu();
        try (LocalGpus local = new LocalGpus(config)) {
            System.err.println(why + " NVML is asked from here.");
            return show(() -> Json.text(GpuFleetShape.of(local.fleet())));
        }
    }

    private int show(Source source) {
        try {
            String before = watch && !asJson() && isTerminal() ? HOME : "";
            show(source.fleet(), before);
            // Whoever read it has gone: nobody would see the next one.
            while (watch && !System.out.checkError()) {
                Thread.sleep(REFRESH);
                show(source.fleet(), before);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    private static boolean isTerminal() {
        // Java 25 has none where there is no terminal, as it was before 22.
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    private void show(String answer, String before) {
        Map<String, Object> fleet = Json.object(answer);
        List<Map<String, Object>> gpus = Json.objects(fleet, "gpus");
        if (asJson()) {
            System.out.println(answer);
        } else if (!gpus.isEmpty()) {
            System.out.print(before + GpuTable.of(fleet));
        }
        if (gpus.isEmpty()) {
            throw new CommandFailure(
                    InferwatchCommand.NOT_HERE, "no GPUs: " + fleet.getOrDefault("reason", "none found"));
        }
    }

    /** {@code inferwatch gpus accept}. */
    @Command(name = "accept", description = "The GPUs that answer now are the expected ones.")
    static final class Accept extends ClientCommand {
        @Override
        int run(ApiClient api) {
            String answer = api.post("/api/v1/gpus/accept", "");
            if (asJson()) {
                System.out.println(answer);
                return 0;
            }
            Map<String, Object> accepted = Json.object(answer);
            System.out.println("expected: " + count(accepted, "expected") + " GPUs");
            if (accepted.get("no_longer_expected") instanceof List<?> gone && !gone.isEmpty()) {
                gone.forEach(uuid -> System.out.println("no longer expected: " + uuid));
            }
            return 0;
        }

        private static int count(Map<String, Object> answer, String key) {
            return answer.get(key) instanceof List<?> list ? list.size() : 0;
        }
    }
}
