-- Decisions that may still be undone. The row appears with its decision and goes in the transaction that applies or undoes
-- it, so after a crash the next sweep applies what became due meanwhile.
CREATE TABLE case_decision_waiting (
    case_id TEXT NOT NULL PRIMARY KEY REFERENCES review_case (id),
    position BIGINT NOT NULL,
    effective_at BIGINT NOT NULL
);
CREATE INDEX case_decision_waiting_due ON case_decision_waiting (effective_at);
