-- What a model gave for a text. A vector is kept as half-precision numbers, least significant byte first.
CREATE TABLE vector (
    space TEXT NOT NULL,
    text BLOB NOT NULL, -- its SHA-256
    vector BLOB NOT NULL,
    used INTEGER NOT NULL, -- day, counted from 1970
    PRIMARY KEY (space, text)
) WITHOUT ROWID;
