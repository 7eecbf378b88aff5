-- One row for each hold. Reference and reason are sealed in facts, which are bound to every column beside them: a row that
-- was changed by hand does not open, and then its subject counts as held.
CREATE TABLE evidence_hold (
    number {id},
    subject TEXT NOT NULL,
    basis TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    least_until BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    lifted_at BIGINT,
    changes BIGINT NOT NULL,
    placed_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);
CREATE INDEX evidence_hold_subject ON evidence_hold (subject);

-- Which of two duties governs a surface, as somebody recorded it. Rows are only ever added; the newest of a conflict counts.
CREATE TABLE retention_choice (
    number {id},
    surface TEXT NOT NULL,
    chosen_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);

-- One row for each destruction that began. The certificate is there once it ended, sealed like the facts.
CREATE TABLE destruction (
    evidence_id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    begun_entry BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    result_entry BIGINT,
    facts {blob} NOT NULL,
    certificate {blob}
);
CREATE INDEX destruction_state ON destruction (state);

-- One row: the latest time that this store has seen and believed.
CREATE TABLE sweep_clock (
    id BIGINT NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL,
    check_value {blob} NOT NULL
);
