package io.inferwatch.api.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options every command takes; a flag beats the environment, which beats the file. */
final class GlobalOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "configuration (default ./inferwatch.yml if present)")
    @Nullable String configFile;

    @Option(names = "--data", paramLabel = "DIR", description = "data directory (default ./data)")
    @Nullable String dataDirectory;

    @Option(names = "--rules", paramLabel = "FILE", description = "a rules file, a directory or a glob")
    @Nullable String rulesFile;

    @Option(names = "--host", paramLabel = "ADDRESS", description = "listen address (default 127.0.0.1)")
    @Nullable String host;

    @Option(names = "--port", paramLabel = "PORT", description = "listen port (default 9477)")
    @Nullable String port;

    @Option(names = "--insecure-plaintext", description = "allow plain HTTP on an address beyond this host")
    boolean insecurePlaintext;

    /** How a command answers. */
    enum Output {
        table,
        json
    }

    @Option(names = "-o", paramLabel = "table|json", description = "output form (default table)")
    Output output = Output.table;

    boolean isJson() {
        return output == Output.json;
    }

    /** The configuration keys these flags set, in the words of the configuration file. */
    Map<String, String> asSettings() {
        Map<String, String> settings = new LinkedHashMap<>();
        put(settings, "data.dir", dataDirectory);
        put(settings, "rules.file", rulesFile);
        put(settings, "http.host", host);
        put(settings, "http.port", port);
        if (insecurePlaintext) {
            settings.put("http.insecure_plaintext", "true");
        }
        return settings;
    }

    private static void put(Map<String, String> settings, String key, @Nullable String value) {
        if (value != null) {
            settings.put(key, value);
        }
    }
}
