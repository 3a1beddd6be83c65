package io.inferwatch.api.http;

import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlReader;

/**
 * What may be sent with an acknowledgement: nothing, or {@code {"by": …, "new_normal": true}}.
 *
 * @param newNormal whether what the alert measured is how things are from now on
 */
record AckForm(String by, boolean newNormal) {
    private static final int MAX_CHARACTERS = 200;
    private static final AckForm UNSAID = new AckForm("api", false);

    /** @throws ProblemException naming what does not fit */
    static AckForm read(String json) {
        if (json.isBlank()) {
            return UNSAID;
        }
        Problems problems = new Problems();
        AckForm form = YamlReader.read("body", json, problems)
                .map(root -> {
                    MappingReader reader = new MappingReader(root, problems);
                    AckForm said = new AckForm(
                            reader.text("by").orElse(UNSAID.by),
                            reader.bool("new_normal").orElse(false));
                    reader.refuseUnknown();
                    return said;
                })
                .orElse(UNSAID);
        SilenceForm.refuse(problems, "the acknowledgement cannot be taken; errors says why");
        if (form.by.isBlank() || form.by.length() > MAX_CHARACTERS) {
            throw ProblemException.badRequest(
                    "by: 1 to " + MAX_CHARACTERS + " characters are taken, not " + form.by.length());
        }
        return form;
    }
}
