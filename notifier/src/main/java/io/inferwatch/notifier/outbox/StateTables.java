package io.inferwatch.notifier.outbox;

import io.inferwatch.notifier.Changes;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.ConversationText;
import io.inferwatch.notifier.conversation.Fields;
import io.inferwatch.notifier.conversation.LabelText;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.StoredState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables a restart continues from: {@code alert_state}, {@code receiver_state}, {@code notification_outbox}. */
final class StateTables {
    private static final Logger log = LoggerFactory.getLogger(StateTables.class);

    /** What a text column of H2 takes. */
    private static final int MAX_PAYLOAD_CHARACTERS = 1_000_000;

    private StateTables() {}

    static void write(Connection connection, Changes changes) throws SQLException {
        writeStates(connection, changes);
        writeConversations(connection, changes);
    }

    private static void writeStates(Connection connection, Changes changes) throws SQLException {
        List<StoredState> states =
                changes.states().stream().filter(StateTables::fits).toList();
        Rows.delete(connection, "alert_state", states.stream().map(state -> RowId.of(state.key())));
        Rows.delete(connection, "alert_state", changes.forgotten().stream().map(RowId::of));
        if (states.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO alert_state (id, rule, labels, payload) VALUES (?, ?, ?, ?)")) {
            for (StoredState state : states) {
                insert.setString(1, RowId.of(state.key()));
                insert.setString(2, Fields.escape(state.key().rule()));
                insert.setString(3, LabelText.write(state.key().labels()));
                insert.setString(4, Fields.escape(state.payload()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** Six characters are what one may become when escaped. */
    private static boolean fits(StoredState state) {
        return fits(state.key(), state.payload().length() * 6L);
    }

    /** One row that does not fit must not stop all others for good. */
    private static boolean fits(Object what, long characters) {
        if (characters <= MAX_PAYLOAD_CHARACTERS) {
            return true;
        }
        log.error("What is known of {} takes {} characters and is not kept over a restart", what, characters);
        return false;
    }

    private static void writeConversations(Connection connection, Changes changes) throws SQLException {
        for (String table : List.of("receiver_state", "notification_outbox")) {
            Rows.delete(
                    connection,
                    table,
                    changes.conversations().stream().map(conversation -> RowId.of(conversation.target())));
            Rows.delete(connection, table, changes.dropped().stream().map(RowId::of));
        }
        try (PreparedStatement told = connection.prepareStatement(
                        "INSERT INTO receiver_state (id, receiver, payload) VALUES (?, ?, ?)");
                PreparedStatement owed = connection.prepareStatement(
                        "INSERT INTO notification_outbox (id, receiver, dedup_key, payload) VALUES (?, ?, ?, ?)")) {
            for (Conversation conversation : changes.conversations()) {
                addTold(told, conversation);
                addOwed(owed, conversation);
            }
            told.executeBatch();
            owed.executeBatch();
        }
    }

    private static void addTold(PreparedStatement insert, Conversation conversation) throws SQLException {
        if (conversation.told().isEmpty()
                && conversation.superseded().isEmpty()
                && conversation.lastNoticeAt().isEmpty()
                && !conversation.isRemembered()) {
            return;
        }
        String text = ConversationText.told(conversation).encode();
        if (!fits(conversation.target(), text.length())) {
            return;
        }
        insert.setString(1, RowId.of(conversation.target()));
        insert.setString(2, Fields.escape(conversation.target().receiver()));
        insert.setString(3, text);
        insert.addBatch();
    }

    private static void addOwed(PreparedStatement insert, Conversation conversation) throws SQLException {
        Optional<Fields> fields = ConversationText.owed(conversation);
        if (fields.isEmpty()) {
            return;
        }
        String text = fields.get().encode();
        if (!fits(conversation.target(), text.length())) {
            return;
        }
        insert.setString(1, RowId.of(conversation.target()));
        insert.setString(2, Fields.escape(conversation.target().receiver()));
        insert.setString(3, Fields.escape(fields.get().get("key")));
        insert.setString(4, text);
        insert.addBatch();
    }

    static List<StoredState> states(Connection connection) throws SQLException {
        List<StoredState> states = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT rule, labels, payload FROM alert_state ORDER BY id")) {
            while (rows.next()) {
                try {
                    AlertKey key = new AlertKey(Fields.unescape(rows.getString(1)), LabelText.read(rows.getString(2)));
                    states.add(new StoredState(key, Fields.unescape(rows.getString(3))));
                } catch (RuntimeException e) {
                    log.error("A row of alert_state cannot be understood and is left out", e);
                }
            }
        }
        return states;
    }

    static List<Conversation> conversations(Connection connection, Function<String, Optional<Endpoint>> endpoints)
            throws SQLException {
        Map<Target, Fields> told = payloads(connection, "SELECT payload FROM receiver_state ORDER BY id");
        Map<Target, Fields> owed = payloads(connection, "SELECT payload FROM notification_outbox ORDER BY id");
        Map<Target, Conversation> all = new LinkedHashMap<>();
        told.forEach((target, text) -> read(target, Optional.of(text), Optional.ofNullable(owed.get(target)), endpoints)
                .ifPresent(conversation -> all.put(target, conversation)));
        owed.forEach((target, text) -> {
            if (!told.containsKey(target)) {
                read(target, Optional.empty(), Optional.of(text), endpoints)
                        .ifPresent(conversation -> all.put(target, conversation));
            }
        });
        return List.copyOf(all.values());
    }

    private static Map<Target, Fields> payloads(Connection connection, String query) throws SQLException {
        Map<Target, Fields> payloads = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                try {
                    Fields fields = Fields.decode(rows.getString(1));
                    payloads.put(ConversationText.target(fields), fields);
                } catch (RuntimeException e) {
                    log.error("A row of the outbox cannot be understood and is left out", e);
                }
            }
        }
        return payloads;
    }

    private static Optional<Conversation> read(
            Target target,
            Optional<Fields> told,
            Optional<Fields> owed,
            Function<String, Optional<Endpoint>> endpoints) {
        try {
            return Optional.of(ConversationText.read(target, told, owed, endpoints));
        } catch (RuntimeException e) {
            log.error("What {} was told about {} cannot be understood", target.receiver(), target.group(), e);
            return Optional.empty();
        }
    }
}
