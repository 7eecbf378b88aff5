-- A reviewer's word that an upload only shows the same scene as an enrolled picture: sealed is how that upload looks (PDQ).
CREATE TABLE same_scene (
    id {id},
    signal_id BIGINT NOT NULL REFERENCES signal (id),
    decided_at BIGINT NOT NULL,
    facts {blob} NOT NULL
);
CREATE INDEX same_scene_signal ON same_scene (signal_id);
