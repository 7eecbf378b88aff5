-- Which lines of the verdict feed still have to reach the platform by webhook. The feed is the queue's source: a line is
-- there in the very transaction that made the change, and this table only remembers what became of it.
CREATE TABLE webhook_message (
    seq {id},
    id TEXT NOT NULL,
    lane TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease TEXT,
    failure TEXT,
    delivered_at BIGINT
);
CREATE INDEX webhook_message_waiting ON webhook_message (next_at) WHERE delivered_at IS NULL;
CREATE INDEX webhook_message_lane ON webhook_message (lane, seq) WHERE delivered_at IS NULL;

-- The last line of the feed that was taken into the queue.
CREATE TABLE webhook_position (
    id {id},
    seq BIGINT NOT NULL
);
