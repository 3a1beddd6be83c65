package io.inferwatch.api.cli;

import io.inferwatch.api.app.Sidecar;
import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.demo.Demo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code inferwatch demo}: the sidecar on a simulated node. Reads no configuration and touches no network. */
@Command(name = "demo", description = "The sidecar on a simulated 8-GPU node, with an incident every two minutes.")
final class DemoCommand implements Callable<Integer> {
    private static final String RULES = "/io/inferwatch/api/demo-rules.yml";

    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Override
    public Integer call() throws IOException {
        Map<String, String> settings = new LinkedHashMap<>(options.asSettings());
        settings.putIfAbsent("data.dir", "./data-demo");
        Path data = Files.createDirectories(Path.of(settings.getOrDefault("data.dir", "./data-demo")));
        settings.putIfAbsent("rules.file", rules(data).toString());
        Configuration configuration = ConfigReader.read(Optional.of(none(data)), Map.of(), settings);
        Demo demo = new Demo(InstantSource.system());
        Sidecar.Options simulated =
                new Sidecar.Options(Optional.of(demo.gpus()), Map.of("simulated", "true"), Map.of());
        Termination termination = Termination.watched();
        try (Sidecar sidecar = RunCommand.start(configuration, simulated)) {
            System.out.println(sidecar.readyLine());
            System.out.println("simulated: 8 GPUs, about 100 requests/s over 3 models, an incident every two minutes");
            sidecar.repeat("demo-traffic", () -> demo.step(sidecar.parts().requests()));
            sidecar.repeat(
                    "demo-servers", () -> demo.tellServers(sidecar.parts().collector()));
            termination.await(sidecar);
        }
        return 0;
    }

    /** The rules of the demo, where one can read and change them. */
    private static Path rules(Path data) throws IOException {
        Path file = data.resolve("demo-rules.yml");
        try (@Nullable InputStream in = DemoCommand.class.getResourceAsStream(RULES)) {
            if (in == null) {
                throw new IOException("the jar lacks " + RULES);
            }
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    /** An empty configuration, so that a file that happens to lie here is not taken. */
    private static Path none(Path data) throws IOException {
        return Files.writeString(data.resolve("demo.yml"), "{}\n");
    }
}
