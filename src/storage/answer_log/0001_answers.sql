-- Times are in milliseconds since 1970-01-01 UTC.
CREATE TABLE answer (
    key TEXT PRIMARY KEY,
    asked INTEGER NOT NULL,
    channel TEXT NOT NULL,
    user TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    mode TEXT NOT NULL,
    model TEXT NOT NULL,
    language TEXT NOT NULL,
    -- The passages that the answer was drawn from, as JSON.
    passages TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX answer_asked ON answer (asked);
CREATE TABLE vote (
    key TEXT NOT NULL,
    user TEXT NOT NULL,
    helpful INTEGER NOT NULL,
    comment TEXT NOT NULL DEFAULT '',
    voted INTEGER NOT NULL,
    PRIMARY KEY (key, user)
) WITHOUT ROWID;
