-- The operator's key: what a passphrase, shares or a command's output opens, and what wraps private halves. Never in clear.
CREATE TABLE operator_key (
    number {id},
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    wrapped {blob},
    made_at BIGINT NOT NULL
);

-- One row for each sealing key that ever was. The check value is keyed by the bank key, so that nobody who can only write
-- the store can put a public half of his own here.
CREATE TABLE sealing_key (
    number {id},
    suite BIGINT NOT NULL,
    public_key {blob} NOT NULL,
    made_at BIGINT NOT NULL,
    check_value {blob} NOT NULL
);

-- The private halves, wrapped. A row goes when its key is retired, which the reference below refuses while anything is
-- still wrapped for it; and nothing can be wrapped any more for a key whose row has gone.
CREATE TABLE sealing_private (
    number BIGINT NOT NULL PRIMARY KEY REFERENCES sealing_key (number),
    operator_key BIGINT NOT NULL REFERENCES operator_key (number),
    wrapped {blob} NOT NULL
);

-- A data key for each sealed thing, wrapped for a sealing key and bound to the thing by name. A rotation touches these
-- rows alone; destroying one makes its thing unreadable wherever copies of it lie.
CREATE TABLE wrapped_key (
    bound TEXT NOT NULL PRIMARY KEY,
    sealing_key BIGINT NOT NULL REFERENCES sealing_private (number),
    wrapped {blob} NOT NULL
);
CREATE INDEX wrapped_key_sealing_key ON wrapped_key (sealing_key);
