package io.inferwatch.notifier.outbox;

import io.inferwatch.notifier.Changes;
import io.inferwatch.notifier.DeliveryRecord;
import io.inferwatch.notifier.HistoryFilter;
import io.inferwatch.notifier.PastAlert;
import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.notifier.conversation.Fields;
import io.inferwatch.notifier.conversation.LabelText;
import io.inferwatch.rules.AlertState.Firing;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.AlertTransition.Closed;
import io.inferwatch.rules.AlertTransition.Opened;
import io.inferwatch.rules.AlertTransition.TierChanged;
import io.inferwatch.rules.Tier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What people read: {@code delivery_log} and {@code alert_history}. */
final class RecordTables {
    /** A year of a busy host; older rows go first. */
    static final int MAX_ROWS = 50_000;

    private RecordTables() {}

    static void write(Connection connection, Changes changes) throws SQLException {
        writeHistory(connection, changes.history());
        writeDeliveries(connection, changes.attempts());
        if (changes.pruneBefore().isPresent()) {
            long before = changes.pruneBefore().get().toEpochMilli();
            prune(connection, "DELETE FROM delivery_log WHERE at_ms < ?", before);
            prune(connection, "DELETE FROM alert_history WHERE closed_ms < ?", before);
            prune(connection, "DELETE FROM alert_note WHERE at_ms < ?", before);
            keepNewest(connection, "delivery_log", "at_ms");
            keepNewest(connection, "alert_history", "fired_ms");
            keepNewest(connection, "alert_note", "at_ms");
        }
    }

    private static void prune(Connection connection, String delete, long beforeMillis) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(delete)) {
            statement.setLong(1, beforeMillis);
            statement.executeUpdate();
        }
    }

    private static void keepNewest(Connection connection, String table, String time) throws SQLException {
        String edge = "SELECT " + time + " FROM " + table + " ORDER BY " + time + " DESC OFFSET " + MAX_ROWS
                + " ROWS FETCH FIRST 1 ROWS ONLY";
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM " + table + " WHERE " + time + " <= (" + edge + ")")) {
            statement.executeUpdate();
        }
    }

    /** The last transition of an episode in a batch says all that the earlier ones did, but how urgent it once was. */
    private static void writeHistory(Connection connection, List<AlertTransition> transitions) throws SQLException {
        Map<String, AlertTransition> newest = new LinkedHashMap<>();
        Map<String, Tier> mostUrgent = new HashMap<>();
        for (AlertTransition transition : transitions) {
            String id = RowId.of(transition.alert().id());
            newest.put(id, transition);
            mostUrgent.merge(id, tier(transition), RecordTables::moreUrgent);
        }
        if (newest.isEmpty()) {
            return;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, AlertTransition> row : newest.entrySet()) {
            values.put(row.getKey(), shownValue(connection, row.getKey(), row.getValue()));
        }
        for (Map.Entry<String, Tier> row : mostUrgent.entrySet()) {
            row.setValue(moreUrgent(row.getValue(), tierSoFar(connection, row.getKey())));
        }
        Rows.delete(connection, "alert_history", newest.keySet().stream());
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO alert_history (id, alert_id, rule, labels, tier, fired_ms, closed_ms, reason, summary,"
                        + " shown_value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (Map.Entry<String, AlertTransition> row : newest.entrySet()) {
                addHistory(
                        insert,
                        row.getKey(),
                        row.getValue(),
                        Objects.requireNonNull(mostUrgent.get(row.getKey())),
                        Objects.requireNonNull(values.get(row.getKey())));
            }
            insert.executeBatch();
        }
    }

    /** What closes without data keeps the value its row has. */
    private static String shownValue(Connection connection, String id, AlertTransition transition) throws SQLException {
        String value = Fields.escape(transition.alert().value());
        if (!(transition instanceof Closed) || !value.equals("no data")) {
            return value;
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT shown_value FROM alert_history WHERE id = ?")) {
            select.setString(1, id);
            ResultSet rows = select.executeQuery();
            return rows.next() ? rows.getString(1) : value;
        }
    }

    private static Tier tier(AlertTransition transition) {
        return transition.alert().state() instanceof Firing firing ? firing.tier() : Tier.P3;
    }

    private static Tier moreUrgent(Tier one, Tier other) {
        return other.isMoreUrgentThan(one) ? other : one;
    }

    private static Tier tierSoFar(Connection connection, String id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT tier FROM alert_history WHERE id = ?")) {
            select.setString(1, id);
            ResultSet rows = select.executeQuery();
            return rows.next() ? Tier.valueOf(rows.getString(1)) : Tier.P3;
        }
    }

    private static void addHistory(
            PreparedStatement insert, String id, AlertTransition transition, Tier mostUrgent, String value)
            throws SQLException {
        Optional<Firing> firing =
                transition.alert().state() instanceof Firing state ? Optional.of(state) : Optional.empty();
        insert.setString(1, id);
        insert.setString(2, Fields.escape(transition.alert().id()));
        insert.setString(3, Fields.escape(transition.alert().key().rule()));
        insert.setString(4, LabelText.write(transition.alert().key().labels()));
        insert.setString(5, mostUrgent.name());
        insert.setLong(6, firing.map(Firing::firedAt).orElse(transition.at()).toEpochMilli());
        switch (transition) {
            case Opened opened -> stillFiring(insert);
            case TierChanged changed -> stillFiring(insert);
            case Closed closed -> {
                insert.setLong(7, closed.at().toEpochMilli());
                insert.setString(8, Fields.escape(closed.reason()));
            }
        }
        insert.setString(9, Fields.escape(transition.alert().summary()));
        insert.setString(10, value);
        insert.addBatch();
    }

    private static void stillFiring(PreparedStatement insert) throws SQLException {
        insert.setNull(7, Types.BIGINT);
        insert.setString(8, "");
    }

    private static void writeDeliveries(Connection connection, List<DeliveryRecord> attempts) throws SQLException {
        if (attempts.isEmpty()) {
            return;
        }
        Rows.delete(connection, "delivery_log", attempts.stream().map(DeliveryRecord::id));
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO delivery_log (id, at_ms, receiver, dedup_key, rule, tier, kind, outcome, reason, attempt,"
                        + " latency_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (DeliveryRecord attempt : attempts) {
                insert.setString(1, attempt.id());
                insert.setLong(2, attempt.at().toEpochMilli());
                insert.setString(3, Fields.escape(attempt.receiver()));
                insert.setString(4, Fields.escape(attempt.key()));
                insert.setString(5, Fields.escape(attempt.rule()));
                insert.setString(6, attempt.tier().name());
                insert.setString(7, attempt.kind());
                insert.setString(8, attempt.outcome());
                insert.setString(9, Fields.escape(attempt.reason()));
                insert.setInt(10, attempt.attempt());
                insert.setLong(11, attempt.latency().toNanos() / 1000);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    static List<DeliveryRecord> deliveries(Connection connection, int limit) throws SQLException {
        List<DeliveryRecord> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT id, at_ms, receiver, dedup_key, rule, tier, kind, outcome, reason, attempt, latency_us"
                        + " FROM delivery_log ORDER BY at_ms DESC, id DESC FETCH FIRST " + limit + " ROWS ONLY")) {
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                found.add(new DeliveryRecord(
                        rows.getString(1),
                        Instant.ofEpochMilli(rows.getLong(2)),
                        Fields.unescape(rows.getString(3)),
                        Fields.unescape(rows.getString(4)),
                        Fields.unescape(rows.getString(5)),
                        Tier.valueOf(rows.getString(6)),
                        rows.getString(7),
                        rows.getString(8),
                        Fields.unescape(rows.getString(9)),
                        rows.getInt(10),
                        Duration.ofNanos(rows.getLong(11) * 1000)));
            }
        }
        return found;
    }

    static Map<String, Map<String, Long>> delivered(Connection connection, Instant since) throws SQLException {
        Map<String, Map<String, Long>> counts = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT rule, kind, COUNT(*) FROM delivery_log WHERE at_ms >= ? AND outcome = 'delivered'"
                        + " GROUP BY rule, kind ORDER BY rule, kind")) {
            select.setLong(1, since.toEpochMilli());
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                counts.computeIfAbsent(Fields.unescape(rows.getString(1)), rule -> new LinkedHashMap<>())
                        .put(rows.getString(2), rows.getLong(3));
            }
        }
        return counts;
    }

    static List<PastAlert> history(Connection connection, HistoryFilter filter) throws SQLException {
        StringBuilder where = new StringBuilder("1 = 1");
        List<Object> values = new ArrayList<>();
        filter.tier().ifPresent(tier -> add(where, values, " AND tier = ?", tier.name()));
        filter.rule().ifPresent(rule -> add(where, values, " AND rule = ?", Fields.escape(rule)));
        filter.open().ifPresent(open -> where.append(open ? " AND closed_ms IS NULL" : " AND closed_ms IS NOT NULL"));
        filter.from()
                .ifPresent(
                        from -> add(where, values, " AND (closed_ms IS NULL OR closed_ms >= ?)", from.toEpochMilli()));
        filter.to().ifPresent(to -> add(where, values, " AND fired_ms < ?", to.toEpochMilli()));
        try (PreparedStatement select =
                connection.prepareStatement("SELECT alert_id, rule, labels, tier, fired_ms, closed_ms, reason, summary,"
                        + " shown_value, muted_by, acked_ms, acked_by, acked_tier FROM alert_history h"
                        + " LEFT JOIN alert_note n ON n.id = h.id WHERE " + where
                        + " ORDER BY fired_ms DESC, h.id FETCH FIRST " + filter.limit() + " ROWS ONLY")) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            return pastAlerts(select.executeQuery());
        }
    }

    private static void add(StringBuilder where, List<Object> values, String condition, Object value) {
        where.append(condition);
        values.add(value);
    }

    private static List<PastAlert> pastAlerts(ResultSet rows) throws SQLException {
        List<PastAlert> found = new ArrayList<>();
        while (rows.next()) {
            long closedMillis = rows.getLong(6);
            Optional<Instant> closedAt =
                    rows.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(closedMillis));
            found.add(new PastAlert(
                    Fields.unescape(rows.getString(1)),
                    Fields.unescape(rows.getString(2)),
                    LabelText.read(rows.getString(3)),
                    Tier.valueOf(rows.getString(4)),
                    Instant.ofEpochMilli(rows.getLong(5)),
                    closedAt,
                    Fields.unescape(rows.getString(7)),
                    Fields.unescape(rows.getString(8)),
                    Fields.unescape(rows.getString(9)),
                    Optional.ofNullable(rows.getString(10))
                            .map(Fields::unescape)
                            .orElse(""),
                    ack(rows)));
        }
        return found;
    }

    private static Optional<Ack> ack(ResultSet rows) throws SQLException {
        long atMillis = rows.getLong(11);
        return rows.wasNull()
                ? Optional.empty()
                : Optional.of(new Ack(
                        Fields.unescape(rows.getString(12)),
                        Instant.ofEpochMilli(atMillis),
                        Tier.valueOf(rows.getString(13))));
    }
}
