-- Who asked where, for the audit: it outlives the words of question and answer.
ALTER TABLE answer ADD COLUMN team TEXT NOT NULL DEFAULT '';
-- The first message of the thread.
ALTER TABLE answer ADD COLUMN thread TEXT NOT NULL DEFAULT '';
-- Of the question's words, in hexadecimal digits.
ALTER TABLE answer ADD COLUMN question_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE answer ADD COLUMN prompt_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE answer ADD COLUMN completion_tokens INTEGER NOT NULL DEFAULT 0;
-- Why there is no answer, where there is none.
ALTER TABLE answer ADD COLUMN reason TEXT NOT NULL DEFAULT '';
-- 0 once the words of question, answer, passages and comments are gone.
ALTER TABLE answer ADD COLUMN has_words INTEGER NOT NULL DEFAULT 1;
CREATE INDEX answer_words ON answer (asked) WHERE has_words;
