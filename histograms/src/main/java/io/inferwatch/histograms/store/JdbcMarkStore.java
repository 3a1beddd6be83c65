package io.inferwatch.histograms.store;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Mark;
import io.inferwatch.histograms.MarkStore;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Marks in the database, written by the store thread. The newest 10,000 stay. */
public final class JdbcMarkStore implements MarkStore {
    private static final int KEPT = 10_000;

    private final Database database;
    private final DatabaseWriter writer;

    public JdbcMarkStore(Database database, DatabaseWriter writer) {
        this.database = database;
        this.writer = writer;
    }

    @Override
    public CompletableFuture<Mark> write(Mark mark) {
        return writer.urgently("mark", connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO mark (at_millis, kind, labels, text) VALUES (?, ?, ?, ?)")) {
                insert.setLong(1, mark.at().toEpochMilli());
                insert.setString(2, mark.kind());
                insert.setString(3, encode(mark.labels()));
                insert.setString(4, mark.text());
                insert.executeUpdate();
            }
            try (PreparedStatement thin =
                    connection.prepareStatement("DELETE FROM mark WHERE id <= (SELECT MAX(id) FROM mark) - " + KEPT)) {
                thin.executeUpdate();
            }
            return mark;
        });
    }

    @Override
    public List<Mark> read(Instant from, Instant to, int limit) {
        return database.read("marks", connection -> {
            List<Mark> marks = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT at_millis, kind, labels, text FROM mark WHERE at_millis >= ? AND"
                            + " at_millis < ? ORDER BY at_millis DESC, id DESC LIMIT " + limit)) {
                select.setLong(1, from.toEpochMilli());
                select.setLong(2, to.toEpochMilli());
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        marks.addFirst(mark(rows));
                    }
                }
            }
            return marks;
        });
    }

    private static Mark mark(ResultSet row) throws SQLException {
        return new Mark(
                Instant.ofEpochMilli(row.getLong(1)), row.getString(2), decode(row.getString(3)), row.getString(4));
    }

    private static String encode(LabelSet labels) {
        StringBuilder text = new StringBuilder();
        labels.asMap()
                .forEach((name, value) -> text.append(URLEncoder.encode(name, StandardCharsets.UTF_8))
                        .append('\n')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                        .append('\n'));
        return text.toString();
    }

    private static LabelSet decode(String text) {
        Map<String, String> labels = new TreeMap<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i + 1 < lines.length; i += 2) {
            labels.put(
                    URLDecoder.decode(lines[i], StandardCharsets.UTF_8),
                    URLDecoder.decode(lines[i + 1], StandardCharsets.UTF_8));
        }
        return LabelSet.of(labels);
    }
}
