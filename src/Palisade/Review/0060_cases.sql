-- One row for each case. Whatever names a person, a bank or a reason is sealed in facts, which are bound to every column
-- beside them: a row that was changed by hand does not open.
CREATE TABLE review_case (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    origin TEXT NOT NULL,
    service TEXT NOT NULL,
    verdict TEXT,
    uploads BIGINT NOT NULL,
    owner_mac {blob},
    opened_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    held_since BIGINT,
    changed_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);
CREATE INDEX review_case_queue ON review_case (state, due_at);
CREATE INDEX review_case_held ON review_case (held_since);

-- Everything that belongs to a case: scans and flags, in the order in which they came.
CREATE TABLE case_upload (
    source_id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES review_case (id),
    position BIGINT NOT NULL,
    service TEXT NOT NULL,
    verdict TEXT,
    evidence_id TEXT,
    evidence_gap TEXT,
    came_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);
CREATE UNIQUE INDEX case_upload_order ON case_upload (case_id, position);

-- By what further uploads of the same picture are recognised while a case is undecided: keyed digests, no values.
CREATE TABLE case_key (
    key_mac {blob} NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES review_case (id)
);
CREATE INDEX case_key_case ON case_key (case_id);

-- What people wrote and decided. Lines are only ever added.
CREATE TABLE case_note (
    case_id TEXT NOT NULL REFERENCES review_case (id),
    position BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    facts {blob} NOT NULL,
    PRIMARY KEY (case_id, position)
);
CREATE TABLE case_decision (
    case_id TEXT NOT NULL REFERENCES review_case (id),
    position BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    effective_at BIGINT NOT NULL,
    undone_at BIGINT,
    facts {blob} NOT NULL,
    PRIMARY KEY (case_id, position)
);
