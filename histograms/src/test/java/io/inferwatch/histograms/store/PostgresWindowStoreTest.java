package io.inferwatch.histograms.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

@SuppressWarnings("NullAway.Init")
class PostgresWindowStoreTest extends WindowStoreContract {
    private static EmbeddedPostgres server;

    @BeforeAll
    static void startServer() throws IOException {
        // Given more than its ten seconds to come up: a starved machine takes longer.
        server = EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(2))
                .start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @Override
    StoreConfig config() {
        return new StoreConfig(
                server.getJdbcUrl("postgres", "postgres"), "postgres", "", 1L << 30, StoreConfig.DEFAULT.retention());
    }

    @Override
    Database open() {
        return Database.open(config(), "", Path.of("unused"), InstantSource.fixed(Instant.ofEpochMilli(T0)))
                .database();
    }

    @Override
    void abandonDatabase() {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA public CASCADE");
            statement.execute("CREATE SCHEMA public");
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
