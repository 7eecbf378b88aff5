-- One row: lets a wrong or lost bank key be told from a new store. Holds no key.
CREATE TABLE bank_key (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    check_value {blob} NOT NULL
);

CREATE TABLE api_key (
    id {id},
    name TEXT NOT NULL,
    secret_hash {blob} NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
