-- What is kept of a scan that was not clean, written before it is answered and never changed. The facts (content id,
-- uploader token, matches, digests) are sealed under the bank key, bound to the columns beside them.
CREATE TABLE scan_record (
    id TEXT NOT NULL PRIMARY KEY,
    service TEXT NOT NULL,
    verdict TEXT NOT NULL,
    index_generation BIGINT NOT NULL,
    scanned_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);

-- Every verdict that is not clean, and every later change of one, in the order of their commits, without gaps.
CREATE TABLE verdict_change (
    seq {id},
    scan_id TEXT NOT NULL REFERENCES scan_record (id),
    service TEXT NOT NULL,
    verdict TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);
CREATE INDEX verdict_change_scan ON verdict_change (scan_id, seq);

-- The key under which a day's idempotent requests are remembered. When it goes, its rows mean nothing to anybody.
CREATE TABLE idempotency_window (
    number {id},
    sealed_key {blob} NOT NULL
);

-- One row for 24 hours for each scan that came with an idempotency key, clean or not.
CREATE TABLE idempotent_scan (
    key_mac {blob} NOT NULL PRIMARY KEY,
    request_mac {blob} NOT NULL,
    scan_id TEXT NOT NULL,
    service TEXT NOT NULL,
    verdict TEXT NOT NULL,
    index_generation BIGINT NOT NULL,
    answered_at BIGINT NOT NULL
);
CREATE INDEX idempotent_scan_age ON idempotent_scan (answered_at);
