-- What operators ordered while the sidecar ran: silences and acknowledgements. The id is the SHA-256 of the name.

CREATE TABLE operator_order (
    id CHAR(64) PRIMARY KEY,
    name TEXT NOT NULL,
    payload TEXT NOT NULL
);

-- What is known of an episode beyond its row in alert_history, which has the same id.
CREATE TABLE alert_note (
    id CHAR(64) PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    muted_by TEXT NOT NULL,
    acked_ms BIGINT,
    acked_by TEXT,
    acked_tier VARCHAR(8)
);

CREATE INDEX alert_note_at ON alert_note (at_ms);
