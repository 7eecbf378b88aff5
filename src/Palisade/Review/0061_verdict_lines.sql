-- A line of the feed may also speak of a flag, which is no scan, and says what the platform is to do. Lines that were
-- there stay as they are, word for word, since their facts are bound to them.
CREATE TABLE verdict_line (
    seq {id},
    source_id TEXT NOT NULL,
    case_id TEXT,
    service TEXT NOT NULL,
    verdict TEXT NOT NULL,
    platform_action TEXT,
    changed_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);
INSERT INTO verdict_line (seq, source_id, service, verdict, changed_at, facts)
    SELECT seq, scan_id, service, verdict, changed_at, facts FROM verdict_change;
DROP TABLE verdict_change;
ALTER TABLE verdict_line RENAME TO verdict_change;
CREATE INDEX verdict_change_source ON verdict_change (source_id, seq);
