package io.inferwatch.rules.yaml;

import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes nodes as YAML that {@link YamlReader} reads back to the same values; short collections stand on one line. */
public final class YamlWriter {
    private static final int MAX_LINE_CHARACTERS = 120;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_$/.-][A-Za-z0-9_$/.+%*-]*");

    private YamlWriter() {}

    /** The mapping in block style, each key on a line of its own, with a line break at the end. */
    public static String write(Mapping root) {
        StringBuilder out = new StringBuilder();
        block(root, 0, out);
        return out.toString();
    }

    private static void block(Mapping mapping, int indent, StringBuilder out) {
        for (Map.Entry<String, Entry> entry : mapping.entries().entrySet()) {
            out.repeat(" ", indent).append(text(entry.getKey(), false)).append(':');
            value(entry.getValue().value(), indent, out);
        }
    }

    private static void value(YamlNode node, int indent, StringBuilder out) {
        String line = flow(node);
        boolean isSection = indent == 0 && !(node instanceof Scalar) && !line.equals("{}") && !line.equals("[]");
        int column = out.length() - out.lastIndexOf("\n");
        if (!isSection && (column + line.length() <= MAX_LINE_CHARACTERS || node instanceof Scalar)) {
            out.append(' ').append(line).append('\n');
            return;
        }
        out.append('\n');
        switch (node) {
            case Scalar scalar -> out.append(line);
            case Mapping mapping -> block(mapping, indent + 2, out);
            case Sequence sequence -> items(sequence.items(), indent + 2, out);
        }
    }

    private static void items(List<YamlNode> items, int indent, StringBuilder out) {
        for (YamlNode item : items) {
            out.repeat(" ", indent).append("- ").append(flow(item)).append('\n');
        }
    }

    private static String flow(YamlNode node) {
        return switch (node) {
            case Scalar scalar -> scalar.isNull() ? "null" : text(scalar.text(), scalar.quoted());
            case Sequence sequence ->
                sequence.items().stream().map(YamlWriter::flow).collect(Collectors.joining(", ", "[", "]"));
            case Mapping mapping ->
                mapping.entries().entrySet().stream()
                        .map(entry -> text(entry.getKey(), false) + ": "
                                + flow(entry.getValue().value()))
                        .collect(Collectors.joining(", ", "{", "}"));
        };
    }

    private static String text(String text, boolean quoted) {
        boolean isPlain = !quoted && PLAIN.matcher(text).matches() && !text.equals("-") && !text.startsWith("--");
        if (isPlain) {
            return text;
        }
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff) {
                        out.append("\\u%04x".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        });
        return out.append('"').toString();
    }
}
