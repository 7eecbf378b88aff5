-- Requests for a second person, and what became of them. Who asked, who approved and why is sealed, bound to the columns.
CREATE TABLE approval (
    id {id},
    operation TEXT NOT NULL,
    subject TEXT NOT NULL,
    content {blob} NOT NULL,
    state TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);
CREATE INDEX approval_state ON approval (state, id);
