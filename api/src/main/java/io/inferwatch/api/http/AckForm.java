package io.inferwatch.api.http;

import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlReader;

/** What may be sent with an acknowledgement: nothing, or {@code {"by": …}}. */
final class AckForm {
    private static final int MAX_CHARACTERS = 200;

    private AckForm() {}

    static String by(String json) {
        if (json.isBlank()) {
            return "api";
        }
        Problems problems = new Problems();
        String by = YamlReader.read("body", json, problems)
                .flatMap(root -> {
                    MappingReader reader = new MappingReader(root, problems);
                    var text = reader.text("by");
                    reader.refuseUnknown();
                    return text;
                })
                .orElse("api");
        SilenceForm.refuse(problems, "the acknowledgement cannot be taken; errors says why");
        if (by.isBlank() || by.length() > MAX_CHARACTERS) {
            throw ProblemException.badRequest(
                    "by: 1 to " + MAX_CHARACTERS + " characters are taken, not " + by.length());
        }
        return by;
    }
}
