package io.inferwatch.api.config;

import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlReader;
import java.nio.charset.StandardCharsets;

/** The section {@code servers} of a configuration written out in a test. */
public final class ServerYaml {
    private ServerYaml() {}

    public static YamlNode section(String yaml) {
        return YamlReader.read("inferwatch.yml", yaml.getBytes(StandardCharsets.UTF_8), new Problems())
                .orElseThrow()
                .get("servers")
                .orElseThrow();
    }
}
