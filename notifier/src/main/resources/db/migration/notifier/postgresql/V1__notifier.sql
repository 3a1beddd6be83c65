-- What the notifier keeps. Texts are name-value lines with control characters escaped; ids are SHA-256 of the key they
-- stand for, because keys may be longer than an index entry. Times are milliseconds since 1970 UTC.

CREATE TABLE alert_state (
    id CHAR(64) PRIMARY KEY,
    rule TEXT NOT NULL,
    labels TEXT NOT NULL,
    payload TEXT NOT NULL
);

-- What a receiver was told and has open.
CREATE TABLE receiver_state (
    id CHAR(64) PRIMARY KEY,
    receiver TEXT NOT NULL,
    payload TEXT NOT NULL
);

-- What a receiver is still to be told: one row a group and receiver until it is settled.
CREATE TABLE notification_outbox (
    id CHAR(64) PRIMARY KEY,
    receiver TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    payload TEXT NOT NULL
);

CREATE TABLE delivery_log (
    id VARCHAR(64) PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    receiver TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    rule TEXT NOT NULL,
    tier VARCHAR(8) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    reason TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    latency_us BIGINT NOT NULL
);

CREATE INDEX delivery_log_at ON delivery_log (at_ms);

-- One row an episode of an instance.
CREATE TABLE alert_history (
    id CHAR(64) PRIMARY KEY,
    alert_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    labels TEXT NOT NULL,
    tier VARCHAR(8) NOT NULL,
    fired_ms BIGINT NOT NULL,
    closed_ms BIGINT,
    reason TEXT NOT NULL,
    summary TEXT NOT NULL,
    shown_value TEXT NOT NULL
);

CREATE INDEX alert_history_fired ON alert_history (fired_ms);
