-- Photos that somebody wants watched. Who, how to reach them and what they agreed to is sealed, and erased when it ends.
CREATE TABLE protection (
    id {id},
    bank_id BIGINT NOT NULL REFERENCES bank (id),
    begun_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_why TEXT,
    facts {blob}
);
CREATE INDEX protection_expiry ON protection (expires_at) WHERE ended_at IS NULL;

CREATE TABLE protection_signal (
    protection_id BIGINT NOT NULL REFERENCES protection (id),
    signal_id BIGINT NOT NULL REFERENCES signal (id),
    PRIMARY KEY (protection_id, signal_id)
);
CREATE INDEX protection_signal_signal ON protection_signal (signal_id);
