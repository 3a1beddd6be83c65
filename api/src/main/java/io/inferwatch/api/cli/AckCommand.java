package io.inferwatch.api.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inferwatch ack ALERT}: somebody takes an alert on. */
@Command(name = "ack", description = "Takes a pending or firing alert on: no more repeats, no escalation.")
final class AckCommand extends ClientCommand {
    @Parameters(paramLabel = "ALERT", description = "the id that inferwatch alerts shows")
    String alert = "";

    @Option(names = "--by", paramLabel = "NAME", description = "who takes it on (default: you)")
    String by = System.getProperty("user.name", "somebody");

    @Option(
            names = "--new-normal",
            description = "what it compares with its past is how things are from now on; it closes by itself")
    boolean newNormal;

    @Override
    int run(ApiClient api) {
        String id = URLEncoder.encode(alert, StandardCharsets.UTF_8);
        String answer = api.post("/api/v1/alerts/" + id + "/ack", Json.text(Map.of("by", by, "new_normal", newNormal)));
        System.out.println(asJson() ? answer : alert + ": acknowledged by " + by);
        return 0;
    }
}
