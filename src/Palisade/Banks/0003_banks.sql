CREATE TABLE bank (
    id {id},
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    purpose TEXT NOT NULL,
    source TEXT NOT NULL,
    max_distance_bits BIGINT NOT NULL,
    min_quality BIGINT NOT NULL,
    allowed_action TEXT NOT NULL,
    enabled_ratio DOUBLE PRECISION NOT NULL,
    new_signals TEXT NOT NULL,
    notes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);

-- A removed bank keeps its row, so that its history stays whole, and gives back its name.
CREATE UNIQUE INDEX bank_name ON bank (name) WHERE removed_at IS NULL;

-- One list that is being brought in, or was. Its signals count only when state is 'live': making a million of them live
-- changes this one row.
CREATE TABLE bank_import (
    id {id},
    bank_id BIGINT NOT NULL REFERENCES bank (id),
    state TEXT NOT NULL,
    source_name TEXT NOT NULL,
    source_sha256 {blob} NOT NULL,
    source_bytes BIGINT NOT NULL,
    settings TEXT NOT NULL,
    new_signals TEXT NOT NULL,
    position_bytes BIGINT NOT NULL,
    position_lines BIGINT NOT NULL,
    added BIGINT NOT NULL,
    already_there BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    already_withdrawn BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    started_by TEXT NOT NULL,
    live_at BIGINT,
    uploads_at_live BIGINT,
    probation_ended_at BIGINT
);

-- At most one list of a bank is open at a time.
CREATE UNIQUE INDEX bank_import_open ON bank_import (bank_id) WHERE state IN ('staging', 'staged');

-- Which lines of a list were refused. Never the line itself: a hash has no place outside its sealed column.
CREATE TABLE bank_import_refusal (
    import_id BIGINT NOT NULL REFERENCES bank_import (id),
    line BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (import_id, line)
);

-- type, profile and state are the numbers of SignalType, PdqProfile and SignalState.
CREATE TABLE signal (
    id {id},
    bank_id BIGINT NOT NULL REFERENCES bank (id),
    type BIGINT NOT NULL,
    profile BIGINT,
    quality BIGINT,
    origin TEXT NOT NULL,
    value {blob} NOT NULL,
    value_key {blob} NOT NULL,
    state BIGINT NOT NULL,
    disabled_until BIGINT,
    added_at BIGINT NOT NULL,
    import_id BIGINT REFERENCES bank_import (id),
    withdraw_import_id BIGINT REFERENCES bank_import (id)
);

-- The key binds the bank and the type as well, so this is: one value once in each bank.
CREATE UNIQUE INDEX signal_value_key ON signal (value_key);
CREATE INDEX signal_bank ON signal (bank_id, id);
CREATE INDEX signal_import ON signal (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX signal_withdraw_import ON signal (withdraw_import_id) WHERE withdraw_import_id IS NOT NULL;

-- Signals as they stand now: without those of a list that is not live, and with what a live list withdrew.
CREATE VIEW signal_now AS
SELECT s.id, s.bank_id, s.type, s.profile, s.quality, s.origin, s.value, s.disabled_until, s.added_at, s.import_id,
       s.withdraw_import_id,
       CASE WHEN s.state = 3 OR w.state = 'live' THEN 3
            WHEN s.state = 0 AND i.probation_ended_at IS NOT NULL THEN 1
            ELSE s.state END AS state
FROM signal s
LEFT JOIN bank_import i ON i.id = s.import_id
LEFT JOIN bank_import w ON w.id = s.withdraw_import_id
WHERE s.import_id IS NULL OR i.state = 'live';

-- Every change of banks and signals, in the order of their commits, without gaps.
CREATE TABLE bank_change (
    seq {id},
    kind TEXT NOT NULL,
    bank_id BIGINT NOT NULL,
    signal_id BIGINT,
    import_id BIGINT,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);

-- How many uploads were matched, by which probation is measured.
CREATE TABLE matched_uploads (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    uploads BIGINT NOT NULL
);
INSERT INTO matched_uploads (id, uploads) VALUES (1, 0);
