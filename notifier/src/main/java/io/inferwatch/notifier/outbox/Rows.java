package io.inferwatch.notifier.outbox;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.stream.Stream;

/** Deletes rows by their ids. */
final class Rows {
    private Rows() {}

    /** @param table one of this package's own names */
    static void delete(Connection connection, String table, Stream<String> ids) throws SQLException {
        Iterator<String> next = ids.iterator();
        if (!next.hasNext()) {
            return;
        }
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table + " WHERE id = ?")) {
            while (next.hasNext()) {
                delete.setString(1, next.next());
                delete.addBatch();
            }
            delete.executeBatch();
        }
    }
}
