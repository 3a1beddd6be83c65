package io.inferwatch.rules.prometheus;

import io.inferwatch.rules.yaml.Position;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlWriter;
import java.util.Map;

/** Texts as they are written in YAML. */
final class Yaml {
    private static final Position NOWHERE = new Position("", 1, 1);

    private Yaml() {}

    /** In quotes, whatever it is. */
    static String quoted(String text) {
        YamlNode value = new YamlNode.Scalar(NOWHERE, "", text, true);
        String line =
                YamlWriter.write(new YamlNode.Mapping(NOWHERE, "", Map.of("x", new YamlNode.Entry(NOWHERE, value))));
        return line.substring(line.indexOf('"'), line.lastIndexOf('"') + 1);
    }
}
