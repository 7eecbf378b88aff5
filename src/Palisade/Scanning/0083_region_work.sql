-- Uploads whose regions are compared after their answer: the request's facts and the bytes, each sealed and bound to the
-- columns before them. A row goes in the transaction that keeps what came of it.
CREATE TABLE region_work (
    scan_id TEXT NOT NULL PRIMARY KEY,
    service TEXT NOT NULL,
    queued_at BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    facts {blob} NOT NULL,
    content {blob} NOT NULL
);
CREATE INDEX region_work_order ON region_work (queued_at);
