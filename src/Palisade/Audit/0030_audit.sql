CREATE TABLE audit_entry (
    seq {id},
    recorded_at BIGINT NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT,
    digest {blob},
    result_of BIGINT,
    seal {blob} NOT NULL
);
CREATE INDEX audit_entry_subject ON audit_entry (subject);

-- Whose pseudonyms they are. Forgetting a person is taking the row away; the log itself stays as it was.
CREATE TABLE audit_actor (
    pseudonym TEXT NOT NULL PRIMARY KEY,
    sealed_name {blob} NOT NULL
);

-- One row: which log this is, who may sign it now, and what was signed last.
CREATE TABLE audit_signing (
    id BIGINT NOT NULL PRIMARY KEY,
    log_key TEXT NOT NULL,
    holder TEXT,
    lease_ends_at BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    wanted_size BIGINT NOT NULL,
    checkpoint TEXT NOT NULL
);
