-- What the notifier keeps. Texts are name-value lines with control characters escaped; ids are SHA-256 of the key they
-- stand for, because keys may be longer than an index entry. Times are milliseconds since 1970 UTC.

CREATE TABLE alert_state (
    id CHAR(64) PRIMARY KEY,
    rule VARCHAR(1000000) NOT NULL,
    labels VARCHAR(1000000) NOT NULL,
    payload VARCHAR(1000000) NOT NULL
);

-- What a receiver was told and has open.
CREATE TABLE receiver_state (
    id CHAR(64) PRIMARY KEY,
    receiver VARCHAR(1000000) NOT NULL,
    payload VARCHAR(1000000) NOT NULL
);

-- What a receiver is still to be told: one row a group and receiver until it is settled.
CREATE TABLE notification_outbox (
    id CHAR(64) PRIMARY KEY,
    receiver VARCHAR(1000000) NOT NULL,
    dedup_key VARCHAR(1000000) NOT NULL,
    payload VARCHAR(1000000) NOT NULL
);

CREATE TABLE delivery_log (
    id VARCHAR(64) PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    receiver VARCHAR(1000000) NOT NULL,
    dedup_key VARCHAR(1000000) NOT NULL,
    rule VARCHAR(1000000) NOT NULL,
    tier VARCHAR(8) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    reason VARCHAR(1000000) NOT NULL,
    attempt INTEGER NOT NULL,
    latency_us BIGINT NOT NULL
);

CREATE INDEX delivery_log_at ON delivery_log (at_ms);

-- One row an episode of an instance.
CREATE TABLE alert_history (
    id CHAR(64) PRIMARY KEY,
    alert_id VARCHAR(1000000) NOT NULL,
    rule VARCHAR(1000000) NOT NULL,
    labels VARCHAR(1000000) NOT NULL,
    tier VARCHAR(8) NOT NULL,
    fired_ms BIGINT NOT NULL,
    closed_ms BIGINT,
    reason VARCHAR(1000000) NOT NULL,
    summary VARCHAR(1000000) NOT NULL,
    shown_value VARCHAR(1000000) NOT NULL
);

CREATE INDEX alert_history_fired ON alert_history (fired_ms);
