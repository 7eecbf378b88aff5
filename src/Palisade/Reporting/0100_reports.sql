-- One row for each report that an authority is to get. What it says, its receipts and the authority's answers are sealed and
-- bound to the columns beside them; the lease is not, since it changes with each step and says nothing.
CREATE TABLE report (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    case_id TEXT NOT NULL REFERENCES review_case (id),
    environment TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    account_mac {blob},
    facts {blob} NOT NULL,
    lease TEXT,
    leased_until BIGINT NOT NULL
);
CREATE INDEX report_case ON report (case_id);
CREATE INDEX report_due ON report (state, next_at);
CREATE INDEX report_account ON report (account_mac);

-- Every exchange with the authority, in order. Lines are only ever added.
CREATE TABLE report_exchange (
    report_id TEXT NOT NULL REFERENCES report (id),
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    facts {blob} NOT NULL,
    PRIMARY KEY (report_id, position)
);

-- What the platform says of the account behind a case. Lines are only ever added; a later one completes the earlier ones.
CREATE TABLE case_account_facts (
    case_id TEXT NOT NULL REFERENCES review_case (id),
    position BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    facts {blob} NOT NULL,
    PRIMARY KEY (case_id, position)
);
