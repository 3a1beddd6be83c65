package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.ConversationText;
import io.inferwatch.notifier.conversation.Fields;
import io.inferwatch.notifier.conversation.LabelText;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.rules.AlertKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is open at which receiver, in a file of its own beside the database: when the database is lost, what is open can
 * still be closed, at the address and with the credential it was opened with. It holds credentials, so only its owner may
 * read it.
 *
 * <p>While the database is away it is the record of what is told all the same, and then newer than the database.
 *
 * <p>A line is {@code <CRC32C as 8 hex digits> <kind> <text>}; kinds are {@code E} (an endpoint in use), {@code T} (a
 * conversation as told), {@code C} (a conversation with nothing open), {@code O} (a conversation of which something is
 * told now, without the database) and {@code A} (a conversation in which an opening or a close was attempted, with the
 * database: it counts only where the database knows nothing of it). A damaged line is skipped and counted; the last line
 * of a target counts. Used by the pipeline's thread and its delivery threads.
 */
public final class ToldLog {
    private static final Logger log = LoggerFactory.getLogger(ToldLog.class);
    private static final long COMPACT_AT_BYTES = 4 * 1024 * 1024;

    private final Path file;
    private final Map<String, String> endpointLines = new LinkedHashMap<>();
    private final Map<String, Endpoint> endpoints = new HashMap<>();
    private final Map<Target, Line> lines = new LinkedHashMap<>();
    private final StringBuilder unwritten = new StringBuilder();
    private long damagedLines;
    private long writtenBytes;
    private @Nullable String failure;

    private record Line(char kind, String text) {}

    /**
     * What the file says of one target.
     *
     * @param at when it was last told something, as far as the file knows
     * @param closed the alerts that were over when it was closed
     */
    public record Entry(Conversation conversation, Optional<Instant> at, List<AlertKey> closed) {
        public Entry {
            closed = List.copyOf(closed);
        }

        /** Whether the database missed this. */
        boolean isNewerThan(Optional<Instant> inDatabase) {
            return at.isPresent() && (inDatabase.isEmpty() || at.get().isAfter(inDatabase.get()));
        }
    }

    public ToldLog(Path file) {
        this.file = file;
    }

    /** Reads the file, where there is one; what it cannot read it says and leaves out. */
    public synchronized Map<Target, Entry> load() {
        try {
            if (Files.exists(file)) {
                String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
                // An empty file splits into one empty line.
                for (String line : text.isEmpty() ? new String[0] : text.split("\n")) {
                    take(line);
                }
            }
        } catch (IOException e) {
            failed("read", e);
        }
        if (damagedLines > 0) {
            log.warn("{} damaged lines in {} skipped; what they said was open may stay open", damagedLines, file);
        }
        Map<Target, Entry> entries = new LinkedHashMap<>();
        lines.forEach((target, line) -> entry(line).ifPresent(entry -> entries.put(target, entry)));
        return entries;
    }

    /** Before something is sent there: the endpoint must be known to whoever closes it. */
    public synchronized void using(Endpoint endpoint) {
        if (endpoints.putIfAbsent(endpoint.fingerprint(), endpoint) == null) {
            Fields fields =
                    new Fields().put("fingerprint", endpoint.fingerprint()).put("type", endpoint.type());
            endpoint.fields().forEach((name, value) -> fields.put("name", name).put("value", value));
            String text = Fields.escape(fields.encode());
            endpointLines.put(endpoint.fingerprint(), text);
            unwritten.append(line('E', text));
            flush();
        }
    }

    /** After the receiver confirmed something; on disk after the next {@link #flush}. */
    public synchronized void told(Conversation conversation, Optional<Situation> closed) {
        Target target = conversation.target();
        boolean open =
                conversation.told().isPresent() || !conversation.superseded().isEmpty();
        if (!open && !lines.containsKey(target)) {
            return;
        }
        Fields fields = ConversationText.told(conversation);
        closed.filter(situation -> !open && target.group().isOfARule())
                .ifPresent(situation ->
                        situation.members().forEach(member -> fields.put("closed", LabelText.write(member.labels()))));
        append(target, open ? 'T' : 'C', fields);
    }

    /** Before something is told without the database; on disk when this returns, if it can be. */
    public synchronized void telling(Conversation conversation, Instant at) {
        append(conversation.target(), 'O', attempt(conversation).put("telling_at", at.toString()));
        flush();
    }

    /**
     * Before an attempt after which nobody knows what is open there, should its answer be lost; on disk after the next
     * {@link #flush}. Nothing new is said of one that is tried again.
     */
    public synchronized void attempting(Conversation conversation) {
        Line known = lines.get(conversation.target());
        boolean isSaid = known != null && (known.kind() == 'A' || known.kind() == 'O');
        if (conversation.opensOrCloses() && !(isSaid && conversation.isTriedAgain())) {
            append(conversation.target(), 'A', attempt(conversation));
        }
    }

    /** What is owed now in place of what was attempted; on disk after the next {@link #flush}. */
    public synchronized void decided(Conversation conversation) {
        Line known = lines.get(conversation.target());
        if (known != null && known.kind() == 'A') {
            settled(conversation);
        }
    }

    /** What was told of it without the database is in the database now; on disk after the next {@link #flush}. */
    public synchronized void settled(Conversation conversation) {
        if (conversation.owed().isPresent()) {
            append(conversation.target(), 'A', attempt(conversation));
        } else {
            told(conversation, Optional.empty());
        }
    }

    private static Fields attempt(Conversation conversation) {
        Fields fields = ConversationText.told(conversation);
        ConversationText.owed(conversation).ifPresent(owed -> fields.put("owed", owed));
        return fields;
    }

    /** The database has what these targets were told: what is closed need not be known here any longer. */
    public synchronized void confirmed(Predicate<Target> isInDatabase) {
        lines.entrySet().removeIf(line -> line.getValue().kind() == 'C' && isInDatabase.test(line.getKey()));
    }

    /** Targets that something was told of without the database. */
    public synchronized List<Target> unconfirmed() {
        return lines.entrySet().stream()
                .filter(line -> line.getValue().kind() == 'O')
                .map(Map.Entry::getKey)
                .toList();
    }

    private void append(Target target, char kind, Fields fields) {
        String text = Fields.escape(fields.encode());
        lines.put(target, new Line(kind, text));
        unwritten.append(line(kind, text));
    }

    public synchronized Optional<Endpoint> endpoint(String fingerprint) {
        return Optional.ofNullable(endpoints.get(fingerprint));
    }

    /** Forgets what is neither open nor at an endpoint in use, and writes the file anew. */
    public synchronized void keepOnly(Collection<Conversation> open) {
        Set<String> used = new HashSet<>();
        lines.clear();
        for (Conversation conversation : open) {
            conversation
                    .told()
                    .ifPresent(told -> used.add(told.receipt().endpoint().fingerprint()));
            conversation
                    .superseded()
                    .forEach(told -> used.add(told.receipt().endpoint().fingerprint()));
            if (conversation.owed().isPresent()) {
                String text = Fields.escape(attempt(conversation).encode());
                lines.put(conversation.target(), new Line('A', text));
            } else if (conversation.told().isPresent()
                    || !conversation.superseded().isEmpty()) {
                String text = Fields.escape(ConversationText.told(conversation).encode());
                lines.put(conversation.target(), new Line('T', text));
            }
        }
        endpointLines.keySet().retainAll(used);
        endpoints.keySet().retainAll(used);
        compact();
    }

    /** Lines that were damaged when the file was read. */
    public synchronized long damagedLines() {
        return damagedLines;
    }

    /** Why the file could last not be read or written; empty while all is well. */
    public synchronized Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    private void take(String line) {
        if (line.length() < 11 || !checksum(line.substring(9)).equals(line.substring(0, 8))) {
            damagedLines++;
            return;
        }
        String text = line.substring(11);
        try {
            Fields fields = Fields.decode(Fields.unescape(text));
            switch (line.charAt(9)) {
                case 'E' -> takeEndpoint(fields, text);
                case 'T', 'C', 'O', 'A' -> lines.put(ConversationText.target(fields), new Line(line.charAt(9), text));
                default -> damagedLines++;
            }
        } catch (RuntimeException e) {
            damagedLines++;
        }
    }

    private void takeEndpoint(Fields fields, String text) {
        Map<String, String> values = new HashMap<>();
        List<String> names = fields.all("name");
        for (int i = 0; i < names.size(); i++) {
            values.put(names.get(i), fields.all("value").get(i));
        }
        endpoints.put(fields.get("fingerprint"), new Endpoint(fields.get("type"), values));
        endpointLines.put(fields.get("fingerprint"), text);
    }

    private Optional<Entry> entry(Line line) {
        try {
            Fields fields = Fields.decode(Fields.unescape(line.text()));
            Target target = ConversationText.target(fields);
            Conversation conversation = ConversationText.read(
                    target, Optional.of(fields), fields.find("owed").map(Fields::decode), this::endpoint);
            List<AlertKey> closed = fields.all("closed").stream()
                    .map(labels -> new AlertKey(target.group().rule(), LabelText.read(labels)))
                    .toList();
            Optional<Instant> at = fields.find("telling_at").map(Instant::parse).or(conversation::lastNoticeAt);
            // What was decided since may have been attempted: only the first attempt is said.
            Conversation known = line.kind() == 'A' ? conversation.attempting() : conversation;
            return Optional.of(new Entry(known, at, closed));
        } catch (RuntimeException e) {
            damagedLines++;
            log.warn("A line of {} cannot be understood; what it says is open may stay open", file, e);
            return Optional.empty();
        }
    }

    /** Brings what was told since the last call to the disk. */
    public synchronized void flush() {
        if (unwritten.isEmpty()) {
            return;
        }
        if (writtenBytes > COMPACT_AT_BYTES) {
            compact();
        } else {
            write(
                    file,
                    unwritten.toString(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND);
        }
        unwritten.setLength(0);
    }

    private void compact() {
        StringBuilder all = new StringBuilder();
        endpointLines.values().forEach(text -> all.append(line('E', text)));
        lines.values().forEach(line -> all.append(line(line.kind(), line.text())));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        write(
                fresh,
                all.toString(),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        try {
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            writtenBytes = 0;
        } catch (IOException e) {
            failed("replace", e);
        }
    }

    private void write(Path to, String text, StandardOpenOption... options) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(
                to,
                Set.of(options),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(false);
            writtenBytes += bytes.length;
            failure = null;
        } catch (IOException e) {
            failed("write", e);
        }
    }

    /** Telling people goes on without the file; that it is missing must be seen. */
    private void failed(String what, IOException e) {
        if (failure == null) {
            log.warn("Cannot {} {}: should the database be lost, open alerts cannot be closed", what, file, e);
        }
        failure = what + " " + file + ": " + e;
    }

    private static String line(char kind, String text) {
        String content = kind + " " + text;
        return checksum(content) + " " + content + "\n";
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }
}
