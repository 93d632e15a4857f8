BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'jobs','2026-11-30 20:13:21',1,X'C431F4E584F23926318084E74E4F57224107C9C92BBAD1A6C5D174446AFD1ACD377270E4A17F136008DC887AEDB83DE8',7869809);
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
INSERT INTO "job" VALUES(1,'reindex/1796069601351-','reindex','done','{"at":1796069601351,"by":"start","full":false,"sources":[]}',NULL,1,1,NULL,0,0,1796069601353,1796069601353,1796069601686);
INSERT INTO "job" VALUES(2,'T1/C1/1700000001.000100','T1/C1/1700000001.000100','done','{"attached":null,"channel":"C1","edited":null,"how":"mention","team":"T1","text":"What is the maximum susceptor temperature?","thread_ts":null,"too_many":false,"ts":"1700000001.000100","user":"U1"}','{"answer":[{"blocks":[{"role":"answer","text":"The upper limit is in the manual <http://127.0.0.1:8080/source/835e82397dc89a1a-283a440639?until=1798661601&amp;signature=388498a5677818983e7d7c39b2346e18dcf446dd05f77bb394dfef590ba5694b&amp;collection=manuals&amp;for=C1#cited|[1]>."},{"role":"sources","text":"*Sources*\n<http://127.0.0.1:8080/source/835e82397dc89a1a-283a440639?until=1798661601&amp;signature=388498a5677818983e7d7c39b2346e18dcf446dd05f77bb394dfef590ba5694b&amp;collection=manuals&amp;for=C1#cited|[1]> *HX-7 Alarm List, tool EPI-03* SM-EPI-ALM-120 rev. F · Pressure (E-102x, W-202x)"}],"buttons":{"has_passages":true,"has_person":true,"language":"english","proposed":["What does Characterization Guide for GaN Epi (PL, XRD, Hall, CV, AFM) say under “2.2 Reading a spectrum”?","What does TMGa 버블러 교환 SOP say under “5. 분리와 장착”?","What does Characterization Guide for GaN Epi (PL, XRD, Hall, CV, AFM) say under “4. Hall”?"],"question":"T1/C1/1700000001.000100"},"text":"The upper limit is in the manual [1].\n[1] HX-7 Alarm List, tool EPI-03"}],"posted":["1700000000.001001"]}',1,1,NULL,0,0,1796069601355,1796069601355,1796069601770);
INSERT INTO "job" VALUES(3,'T1/C1/1700000002.000100','T1/C1/1700000002.000100','running','{"attached":null,"channel":"C1","edited":null,"how":"mention","team":"T1","text":"How often is the showerhead gap checked?","thread_ts":null,"too_many":false,"ts":"1700000002.000100","user":"U1"}','{"answer":null,"posted":["1700000000.001002"]}',1,1,NULL,0,0,1796069602780,1796069602780,NULL);
CREATE INDEX job_by_lane ON job (lane);
CREATE INDEX job_open ON job (lane, id) WHERE finished IS NULL;
CREATE INDEX job_waiting ON job (due, id) WHERE state = 'waiting';
CREATE INDEX job_remembered ON job (finished) WHERE finished IS NOT NULL AND payload IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('job',3);
COMMIT;
