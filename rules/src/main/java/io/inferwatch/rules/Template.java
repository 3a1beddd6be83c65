package io.inferwatch.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with {@code {{ name }}} in it. No logic; a name nobody knows stays as it is written. */
public final class Template {
    /** The names a text may use, {@code labels.<name>} aside. */
    public static final List<String> NAMES =
            List.of("value", "threshold", "tier", "samples", "baseline", "why", "duration", "runbook");

    private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*([a-z_][A-Za-z0-9_.]*)\\s*}}");

    private Template() {}

    /**
     * What is wrong with a text: names nobody knows, braces that do not close. Such a text is used all the same.
     */
    public static List<String> faults(String text) {
        List<String> faults = new ArrayList<>();
        Matcher matcher = PLACE.matcher(text);
        while (matcher.find()) {
            String name = matcher.group(1);
            if (!NAMES.contains(name) && !name.startsWith("labels.")) {
                faults.add(
                        "{{ " + name + " }} is not known; there are " + String.join(", ", NAMES) + ", labels.<name>");
            }
        }
        if (PLACE.matcher(text).replaceAll("").contains("{{")) {
            faults.add("\"{{\" without a name and \"}}\"");
        }
        return faults;
    }

    /** @param values gives a name's value; what it returns unchanged stays as it is written */
    public static String render(String text, UnaryOperator<String> values) {
        if (!text.contains("{{")) {
            return text;
        }
        return PLACE.matcher(text).replaceAll(match -> {
            String name = match.group(1);
            String value = values.apply(name);
            return Matcher.quoteReplacement(value.equals(name) ? match.group() : value);
        });
    }
}
