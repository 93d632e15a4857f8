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

-- Keys that every replica needs alike.
CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);
