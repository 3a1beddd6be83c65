package io.inferwatch.rules.yaml;

import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one YAML 1.2 document into nodes that know their position. Built from the parser's events, so that nothing is
 * constructed, no alias can multiply and the depth is bounded. Scalars stay text; whoever reads a key decides its type.
 */
public final class YamlReader {
    /** A larger file is refused before it is parsed. */
    public static final int MAX_BYTES = 256 * 1024;

    /** Collections nested deeper than this are refused. */
    public static final int MAX_DEPTH = 20;

    private final String file;
    private final Problems problems;
    private final Iterator<Event> events;

    private YamlReader(String file, String text, Problems problems) {
        this.file = file;
        this.problems = problems;
        // One buffer for the whole text: the parser fails on a character beyond U+FFFF that lies across two buffers.
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setBufferSize(text.length() + 2)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /** As {@link #read(String, String, Problems)}; bytes that are not UTF-8 are a problem. */
    public static Optional<Mapping> read(String file, byte[] bytes, Problems problems) {
        return decode(file, bytes, problems).flatMap(text -> read(file, text, problems));
    }

    /** The bytes as text; empty, with a problem, when they are too many or not UTF-8. */
    public static Optional<String> decode(String file, byte[] bytes, Problems problems) {
        if (isTooLarge(file, bytes.length, problems)) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(in)
                    .toString());
        } catch (CharacterCodingException e) {
            String before = new String(bytes, 0, in.position(), StandardCharsets.UTF_8);
            problems.add(problem(positionAt(file, before, before.codePointCount(0, before.length())), "", "not UTF-8"));
            return Optional.empty();
        }
    }

    /**
     * @param file named in every position
     * @param problems takes all that is wrong; the result may be used only while it has no errors
     * @return the root; an empty file is an empty mapping; empty when the text is no YAML or no mapping
     */
    public static Optional<Mapping> read(String file, String text, Problems problems) {
        if (isTooLarge(file, text.length(), problems)
                || isTooLarge(file, text.getBytes(StandardCharsets.UTF_8).length, problems)) {
            return Optional.empty();
        }
        try {
            return new YamlReader(file, text, problems).document();
        } catch (TooDeep e) {
            problems.add(problem(e.position, e.path, "nested deeper than " + MAX_DEPTH));
        } catch (MarkedYamlEngineException e) {
            Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
            Position position = mark == null
                    ? new Position(file, 1, 1)
                    : new Position(file, mark.getLine() + 1, mark.getColumn() + 1);
            problems.add(problem(position, "", "not YAML: " + String.valueOf(e.getProblem())));
        } catch (ReaderException e) {
            String message = "character U+%04X is not allowed in YAML".formatted(e.getCodePoint());
            problems.add(problem(positionAt(file, text, e.getPosition()), "", message));
        } catch (YamlEngineException e) {
            problems.add(problem(new Position(file, 1, 1), "", "not YAML: " + e.getMessage()));
        }
        return Optional.empty();
    }

    private static boolean isTooLarge(String file, int bytes, Problems problems) {
        if (bytes <= MAX_BYTES) {
            return false;
        }
        String message = bytes + " bytes; a file may have at most " + MAX_BYTES;
        problems.add(problem(new Position(file, 1, 1), "", message));
        return true;
    }

    private Optional<Mapping> document() {
        Optional<YamlNode> root = Optional.empty();
        while (events.hasNext()) {
            Event event = events.next();
            if (event instanceof NodeEvent start) {
                if (root.isPresent()) {
                    problems.add(problem(positionOf(event), "", "a second document; a file holds one"));
                    return Optional.empty();
                }
                root = Optional.of(node(start, "", 0));
            }
        }
        if (root.isEmpty() || (root.get() instanceof Scalar scalar && scalar.isNull())) {
            return Optional.of(new Mapping(new Position(file, 1, 1), "", Map.of()));
        }
        if (root.get() instanceof Mapping mapping) {
            return Optional.of(mapping);
        }
        problems.error(root.get(), "a mapping of keys is expected here");
        return Optional.empty();
    }

    private YamlNode node(NodeEvent event, String path, int depth) {
        Position position = positionOf(event);
        event.getAnchor()
                .filter(anchor -> !(event instanceof AliasEvent))
                .ifPresent(anchor -> problems.add(problem(position, path, "anchors are not allowed: &" + anchor)));
        return switch (event) {
            case ScalarEvent scalar -> {
                refuseTag(scalar.getTag(), position, path);
                yield new Scalar(position, path, scalar.getValue(), !scalar.isPlain());
            }
            case CollectionStartEvent start -> {
                refuseTag(start.getTag(), position, path);
                if (depth >= MAX_DEPTH) {
                    throw new TooDeep(position, path);
                }
                yield start instanceof MappingStartEvent
                        ? mapping(position, path, depth + 1)
                        : sequence(position, path, depth + 1);
            }
            default -> {
                problems.add(problem(position, path, "aliases are not allowed; write the value out"));
                yield new Scalar(position, path, "", false);
            }
        };
    }

    private void refuseTag(Optional<String> tag, Position position, String path) {
        tag.ifPresent(t -> problems.add(problem(position, path, "tags are not allowed: " + t)));
    }

    private Sequence sequence(Position position, String path, int depth) {
        List<YamlNode> items = new ArrayList<>();
        while (events.next() instanceof NodeEvent item) {
            items.add(node(item, path + "[" + items.size() + "]", depth));
        }
        return new Sequence(position, path, items);
    }

    private Mapping mapping(Position position, String path, int depth) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        while (events.next() instanceof NodeEvent keyEvent) {
            YamlNode key = node(keyEvent, path, depth);
            String name = key instanceof Scalar scalar ? scalar.text() : "?";
            if (!(key instanceof Scalar)) {
                problems.error(key, "a key must be text");
            }
            String child = path.isEmpty() ? name : path + "." + name;
            YamlNode value = node((NodeEvent) events.next(), child, depth);
            Entry earlier = entries.putIfAbsent(name, new Entry(key.position(), value));
            if (earlier != null) {
                problems.add(problem(
                        key.position(),
                        child,
                        "this key stands already in line "
                                + earlier.keyPosition().line()));
            }
        }
        return new Mapping(position, path, entries);
    }

    private Position positionOf(Event event) {
        return event.getStartMark()
                .map(mark -> new Position(file, mark.getLine() + 1, mark.getColumn() + 1))
                .orElse(new Position(file, 1, 1));
    }

    private static Position positionAt(String file, String text, int codePoint) {
        int line = 1;
        int column = 1;
        int end = text.offsetByCodePoints(0, Math.min(codePoint, text.codePointCount(0, text.length())));
        for (int i = 0; i < end; i++) {
            boolean newLine = text.charAt(i) == '\n';
            line += newLine ? 1 : 0;
            column = newLine ? 1 : column + 1;
        }
        return new Position(file, line, column);
    }

    private static Problem problem(Position position, String path, String message) {
        return new Problem(position, path, message, Optional.empty(), false);
    }

    private static final class TooDeep extends RuntimeException {
        private final transient Position position;
        private final String path;

        TooDeep(Position position, String path) {
            super(null, null, false, false);
            this.position = position;
            this.path = path;
        }
    }
}
