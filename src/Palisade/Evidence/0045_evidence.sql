-- One row for each piece of evidence, from its admission on. The check value is keyed and bound to the id; the header is
-- the first 64 bytes of the sealed file and commits to its data key, so no other file can take its place.
CREATE TABLE evidence (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    state TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    header {blob} NOT NULL,
    sealed_sha256 {blob} NOT NULL,
    facts_sha256 {blob} NOT NULL,
    admitted_at BIGINT NOT NULL,
    destroyed_at BIGINT,
    check_value {blob} NOT NULL
);
CREATE INDEX evidence_case ON evidence (case_id, admitted_at, id);
CREATE INDEX evidence_file ON evidence (sealed_sha256);

-- The facts, sealed in the same container as the bytes, for another purpose and under another data key.
CREATE TABLE evidence_facts (
    evidence_id TEXT NOT NULL PRIMARY KEY REFERENCES evidence (id),
    sealed {blob} NOT NULL
);
