DROP TABLE IF EXISTS document;
CREATE TABLE document (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    collection TEXT NOT NULL,
    file BLOB NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
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
    pages INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    notes TEXT NOT NULL,
    doubts TEXT NOT NULL,
    indexed_at INTEGER NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = 2;
