-- Everything that replicas share. Times are in milliseconds since 1970-01-01 UTC unless said otherwise.

-- Processes that work on this database, each under an id of its own and never again. A process holds the advisory lock
-- of its id for as long as its session lives.
CREATE SEQUENCE replica_id AS INTEGER;
CREATE TABLE replica (
    id INTEGER PRIMARY KEY,
    -- The server's own time of the last sign of life.
    seen TIMESTAMPTZ NOT NULL
);

CREATE TABLE job (
    -- Grows with every job that is stored; within a lane in the order of commits, which enqueueing sees to.
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    -- JSON; NULL once forgotten, the key stays.
    payload TEXT,
    progress TEXT,
    -- Claims, handed-back ones not counted.
    attempt BIGINT NOT NULL DEFAULT 0,
    -- All claims; what a worker does counts only under the number it was given.
    fence BIGINT NOT NULL DEFAULT 0,
    -- The replica that has it while it is running.
    holder INTEGER,
    -- Why the last attempt did not succeed.
    reason TEXT,
    -- Set once no attempt is to follow; the job is open until giving up has been seen to.
    given_up BOOLEAN NOT NULL DEFAULT FALSE,
    -- Claims for giving up.
    farewells BIGINT NOT NULL DEFAULT 0,
    stored BIGINT NOT NULL,
    due BIGINT NOT NULL,
    -- NULL while the job is open.
    finished BIGINT,
    CHECK ((finished IS NULL) = (state IN ('waiting', 'running'))),
    CHECK ((holder IS NOT NULL) = (state = 'running'))
);
CREATE INDEX job_by_lane ON job (lane);
CREATE INDEX job_open ON job (lane, id) WHERE finished IS NULL;
CREATE INDEX job_waiting ON job (due, id) WHERE state = 'waiting';
CREATE INDEX job_remembered ON job (finished) WHERE finished IS NOT NULL AND payload IS NOT NULL;
-- One job of a lane runs at a time, whoever runs it.
CREATE UNIQUE INDEX job_running ON job (lane) WHERE state = 'running';
CREATE INDEX job_held ON job (holder) WHERE state = 'running';

-- Questions of the last minute, for the shares of each person and channel.
CREATE TABLE asked (
    name TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX asked_by_name ON asked (name, at);

-- Notes from one replica to the others.
CREATE TABLE board (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

-- Keys that every replica needs alike.
CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Each answer with what it was drawn from, and what people made of it.
CREATE TABLE answer (
    key TEXT PRIMARY KEY,
    asked BIGINT NOT NULL,
    channel TEXT NOT NULL,
    "user" TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    mode TEXT NOT NULL,
    model TEXT NOT NULL,
    language TEXT NOT NULL,
    -- The passages that the answer was drawn from, as JSON.
    passages TEXT NOT NULL,
    team TEXT NOT NULL,
    -- The first message of the thread.
    thread TEXT NOT NULL,
    -- Of the question's words, in hexadecimal digits.
    question_sha256 TEXT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    -- Why there is no answer, where there is none.
    reason TEXT NOT NULL,
    -- False once the words of question, answer, passages and comments are gone.
    has_words BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE INDEX answer_asked ON answer (asked);
CREATE INDEX answer_words ON answer (asked) WHERE has_words;
CREATE TABLE vote (
    key TEXT NOT NULL,
    "user" TEXT NOT NULL,
    helpful BOOLEAN NOT NULL,
    comment TEXT NOT NULL DEFAULT '',
    voted BIGINT NOT NULL,
    PRIMARY KEY (key, "user")
);
CREATE TABLE remark (
    -- Unique to the use of the command.
    key TEXT PRIMARY KEY,
    said BIGINT NOT NULL,
    channel TEXT NOT NULL,
    "user" TEXT NOT NULL,
    remark TEXT NOT NULL
);
CREATE INDEX remark_said ON remark (said);

-- What is known of every document. All of it can be found out again from the documents.
CREATE TABLE document (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    collection TEXT NOT NULL,
    file BYTEA NOT NULL,
    size BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    settings TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'read', 'failed')),
    reason TEXT,
    title TEXT NOT NULL,
    -- Each with where in the document it was read.
    number TEXT,
    number_place TEXT,
    revision TEXT,
    revision_place TEXT,
    effective TEXT,
    effective_place TEXT,
    -- The document that holds the later revision.
    superseded_by TEXT,
    pages BIGINT NOT NULL,
    passages BIGINT NOT NULL,
    notes TEXT NOT NULL,
    doubts TEXT NOT NULL,
    indexed_at BIGINT NOT NULL
);

-- Recipes and alarms as data, likewise.
CREATE TABLE record (document TEXT PRIMARY KEY, body TEXT NOT NULL, changed BIGINT NOT NULL);
CREATE TABLE change (latest BIGINT NOT NULL);
INSERT INTO change VALUES (0);
