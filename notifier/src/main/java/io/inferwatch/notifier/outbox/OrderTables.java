package io.inferwatch.notifier.outbox;

import io.inferwatch.notifier.AlertNote;
import io.inferwatch.notifier.Changes;
import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.notifier.conversation.Fields;
import io.inferwatch.notifier.conversation.OrderText;
import io.inferwatch.notifier.conversation.Orders;
import io.inferwatch.rules.Silence;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators ordered, {@code operator_order}, and what is noted of alerts, {@code alert_note}. */
final class OrderTables {
    private static final Logger log = LoggerFactory.getLogger(OrderTables.class);

    private OrderTables() {}

    static void write(Connection connection, Changes changes) throws SQLException {
        writeOrders(connection, changes.orders());
        writeNotes(connection, changes.notes());
    }

    private static void writeOrders(Connection connection, Map<String, Optional<String>> orders) throws SQLException {
        Rows.delete(connection, "operator_order", orders.keySet().stream().map(RowId::of));
        if (orders.values().stream().allMatch(Optional::isEmpty)) {
            return;
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO operator_order (id, name, payload) VALUES (?, ?, ?)")) {
            for (Map.Entry<String, Optional<String>> order : orders.entrySet()) {
                if (order.getValue().isPresent()) {
                    insert.setString(1, RowId.of(order.getKey()));
                    insert.setString(2, Fields.escape(order.getKey()));
                    insert.setString(3, order.getValue().get());
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
    }

    private static void writeNotes(Connection connection, Map<String, AlertNote> notes) throws SQLException {
        if (notes.isEmpty()) {
            return;
        }
        Rows.delete(connection, "alert_note", notes.keySet().stream().map(RowId::of));
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO alert_note (id, at_ms, muted_by,"
                + " acked_ms, acked_by, acked_tier) VALUES (?, ?, ?, ?, ?, ?)")) {
            for (Map.Entry<String, AlertNote> note : notes.entrySet()) {
                insert.setString(1, RowId.of(note.getKey()));
                insert.setLong(2, note.getValue().at().toEpochMilli());
                insert.setString(3, Fields.escape(note.getValue().mutedBy()));
                Optional<Ack> ack = note.getValue().ack();
                if (ack.isPresent()) {
                    insert.setLong(4, ack.get().at().toEpochMilli());
                    insert.setString(5, Fields.escape(ack.get().by()));
                    insert.setString(6, ack.get().tier().name());
                } else {
                    insert.setNull(4, Types.BIGINT);
                    insert.setNull(5, Types.VARCHAR);
                    insert.setNull(6, Types.VARCHAR);
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    static Orders orders(Connection connection) throws SQLException {
        List<Silence> silences = new ArrayList<>();
        Map<String, Ack> acks = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, payload FROM operator_order ORDER BY id")) {
            while (rows.next()) {
                try {
                    String name = Fields.unescape(rows.getString(1));
                    if (name.startsWith("ack ")) {
                        acks.put(name.substring(4), OrderText.ack(rows.getString(2)));
                    } else if (name.startsWith("silence ")) {
                        silences.add(OrderText.silence(rows.getString(2)));
                    }
                } catch (RuntimeException e) {
                    log.error("A row of operator_order cannot be understood and is left out", e);
                }
            }
        }
        return new Orders(silences, acks);
    }
}
