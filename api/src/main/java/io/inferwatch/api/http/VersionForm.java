package io.inferwatch.api.http;

import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlReader;
import java.util.Optional;

/** What may be sent with a rollback: nothing, or {@code {"version": 3}}. */
final class VersionForm {
    private VersionForm() {}

    static Optional<String> read(String json) {
        if (json.isBlank()) {
            return Optional.empty();
        }
        Problems problems = new Problems();
        Optional<String> version = YamlReader.read("body", json, problems).flatMap(root -> {
            MappingReader reader = new MappingReader(root, problems);
            Optional<String> text = reader.text("version");
            reader.refuseUnknown();
            return text;
        });
        SilenceForm.refuse(problems, "the rollback cannot be made; errors says why");
        return version;
    }
}
