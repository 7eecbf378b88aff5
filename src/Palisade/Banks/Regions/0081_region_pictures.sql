-- The region codes of a signal's picture. It acts when its signal does: withdrawing that withdraws this. Codes and map are
-- sealed under the bank key, each by itself and bound to the columns before it.
CREATE TABLE region_picture (
    id {id},
    signal_id BIGINT NOT NULL UNIQUE REFERENCES signal (id),
    added_at BIGINT NOT NULL,
    codes {blob} NOT NULL,
    map {blob}
);
