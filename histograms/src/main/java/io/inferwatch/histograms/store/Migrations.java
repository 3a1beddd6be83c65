package io.inferwatch.histograms.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalInt;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the tables of a module up to date. Flyway, which takes longer than the rest of a start, runs only if it must. */
final class Migrations {
    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

    private Migrations() {}

    static void apply(DataSource dataSource, DatabaseKind kind, Schema schema) throws SQLException {
        OptionalInt applied = newestApplied(dataSource, schema);
        if (applied.isPresent() && applied.getAsInt() > schema.newestVersion()) {
            LOG.warn(
                    "database: tables of {} are at version {}, this release knows {}; migrations only expand, so it"
                            + " goes on",
                    schema.module(),
                    applied.getAsInt(),
                    schema.newestVersion());
            return;
        }
        if (applied.isPresent() && applied.getAsInt() == schema.newestVersion()) {
            return;
        }
        Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:" + schema.location() + "/" + kind.choose("h2", "postgresql"))
                .table(schema.historyTable())
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }

    private static OptionalInt newestApplied(DataSource dataSource, Schema schema) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                ResultSet tables = connection.getMetaData().getTables(null, null, schema.historyTable(), null)) {
            if (!tables.next()) {
                return OptionalInt.empty();
            }
            try (Statement statement = connection.createStatement();
                    ResultSet versions = statement.executeQuery("SELECT MAX(CAST(\"version\" AS INTEGER)) FROM \""
                            + schema.historyTable() + "\" WHERE \"success\"")) {
                return versions.next() ? OptionalInt.of(versions.getInt(1)) : OptionalInt.empty();
            }
        }
    }
}
