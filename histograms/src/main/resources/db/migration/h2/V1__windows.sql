-- Ids are composed so that rows which are written, read and dropped together lie together: see RowIds.
CREATE TABLE series (
    id             INTEGER PRIMARY KEY,
    metric         CHARACTER VARYING(512) NOT NULL,
    labels         BINARY VARYING(1000000) NOT NULL,
    first_millis   BIGINT NOT NULL,
    last_millis    BIGINT NOT NULL
);

-- Windows as they closed, up to 32 series and one 10 s window a row.
CREATE TABLE window_recent (
    id              BIGINT PRIMARY KEY,
    applied_through BIGINT NOT NULL,
    data            BINARY VARYING(1000000000) NOT NULL
);

-- Windows packed for keeping: one series, one hour and one resolution a row.
CREATE TABLE window_block (
    id              BIGINT PRIMARY KEY,
    applied_through BIGINT NOT NULL,
    data            BINARY VARYING(1000000000) NOT NULL
);

CREATE TABLE store_progress (
    id              INTEGER PRIMARY KEY,
    checkpoint      BIGINT NOT NULL,
    applied_through BIGINT NOT NULL,
    packed_below    BIGINT NOT NULL,
    rolled_up_to    BIGINT NOT NULL
);

CREATE TABLE store_resolution (
    id         INTEGER PRIMARY KEY,
    kept_from  BIGINT NOT NULL,
    live_bytes BIGINT NOT NULL
);
