-- What people say of the bot as a whole. The time is in milliseconds since 1970-01-01 UTC.
CREATE TABLE remark (
    -- Unique to the use of the command.
    key TEXT PRIMARY KEY,
    said INTEGER NOT NULL,
    channel TEXT NOT NULL,
    user TEXT NOT NULL,
    remark TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX remark_said ON remark (said);
