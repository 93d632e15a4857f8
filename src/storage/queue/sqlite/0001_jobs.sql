CREATE TABLE job (
    -- Grows with every job that is stored, which gives the order within a lane.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    -- NULL once forgotten; the key stays.
    payload TEXT CHECK (payload IS NULL OR json_valid(payload)),
    progress TEXT CHECK (progress IS NULL OR json_valid(progress)),
    -- Claims, handed-back ones not counted.
    attempt INTEGER NOT NULL DEFAULT 0,
    -- All claims; what a worker does counts only under the number it was given.
    fence INTEGER NOT NULL DEFAULT 0,
    -- Why the last attempt did not succeed.
    reason TEXT,
    -- 1 once no attempt is to follow; the job is open until giving up has been seen to.
    given_up INTEGER NOT NULL DEFAULT 0 CHECK (given_up IN (0, 1)),
    -- Claims for giving up.
    farewells INTEGER NOT NULL DEFAULT 0,
    -- Milliseconds since 1970-01-01 UTC; finished is NULL while the job is open.
    stored INTEGER NOT NULL,
    due INTEGER NOT NULL,
    finished INTEGER,
    CHECK ((finished IS NULL) = (state IN ('waiting', 'running')))
) STRICT;

CREATE INDEX job_by_lane ON job (lane);
CREATE INDEX job_open ON job (lane, id) WHERE finished IS NULL;
CREATE INDEX job_waiting ON job (due, id) WHERE state = 'waiting';
CREATE INDEX job_remembered ON job (finished) WHERE finished IS NOT NULL AND payload IS NOT NULL;
