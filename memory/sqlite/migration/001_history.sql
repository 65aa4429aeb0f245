-- Evidence: what was mined from git. All of it can be made again.
-- Ordinals of commits, ids of files and symbols are local to this file and
-- never leave it: the dump and the wire name things by their natural keys.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;

-- The commit graph in pages of up to a few thousand commits, so that it loads
-- in milliseconds: ordinals first .. first+count-1.
CREATE TABLE graph (
  first INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  data  BLOB NOT NULL
);

CREATE TABLE person (
  id    INTEGER PRIMARY KEY,
  name  TEXT NOT NULL,
  email TEXT NOT NULL,
  UNIQUE (name, email)
);

-- id is the ordinal of the graph. Times are seconds since 1970, UTC.
CREATE TABLE history (
  id          INTEGER PRIMARY KEY,
  author      INTEGER NOT NULL REFERENCES person (id),
  committer   INTEGER NOT NULL REFERENCES person (id),
  authored_s  INTEGER NOT NULL,
  committed_s INTEGER NOT NULL,
  flags       INTEGER NOT NULL,
  patch       BLOB,             -- 16 bytes
  subject     TEXT NOT NULL,
  body        BLOB,             -- TEXT up to 400 bytes, else deflated alone
  files       BLOB,             -- packed list of changed files and symbols
  merged      BLOB,             -- packed ids of files that a merge brought in
  skipped     TEXT
);

-- What a message points at, for exact mentions.
CREATE TABLE reference (
  value TEXT NOT NULL,
  kind  TEXT NOT NULL,
  id    INTEGER NOT NULL,
  PRIMARY KEY (value, kind, id)
) WITHOUT ROWID;
CREATE INDEX reference_id ON reference (id);

CREATE TABLE file (
  id    INTEGER PRIMARY KEY,
  path  BLOB NOT NULL UNIQUE,
  class INTEGER NOT NULL
);

-- One row per changed file and parent. The key is what the line trace asks
-- for: which changes made this blob at this path.
CREATE TABLE change (
  file     INTEGER NOT NULL,
  blob     BLOB NOT NULL,       -- new blob, empty when deleted
  id       INTEGER NOT NULL,    -- ordinal of the commit
  parent   INTEGER NOT NULL,    -- 0 but for merges
  status   INTEGER NOT NULL,
  old_file INTEGER,             -- renames and copies
  old_blob BLOB NOT NULL,       -- empty when added
  lazy     INTEGER NOT NULL,    -- hunks are made on first use
  skipped  TEXT,
  hunks    BLOB,
  lines    INTEGER,             -- row of line_hash
  PRIMARY KEY (file, blob, id, parent)
) WITHOUT ROWID;

-- Line hashes of a change, 4 bytes each, hunk by hunk, removed then added. Apart
-- from the change, because its table is written in the order of files: the less
-- stands there, the fewer pages a batch touches.
CREATE TABLE line_hash (
  id   INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);
CREATE INDEX change_rename ON change (old_file) WHERE old_file IS NOT NULL;
CREATE INDEX change_skipped ON change (skipped) WHERE skipped IS NOT NULL;
CREATE INDEX history_skipped ON history (skipped) WHERE skipped IS NOT NULL;

-- Hunks of merges, made by the line trace. A cache: not in the dump.
CREATE TABLE merge_hunks (
  old_blob BLOB NOT NULL,
  new_blob BLOB NOT NULL,
  hunks    BLOB NOT NULL,
  PRIMARY KEY (old_blob, new_blob)
) WITHOUT ROWID;

CREATE TABLE symbol (
  id   INTEGER PRIMARY KEY,
  file INTEGER NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (file, name)
);
CREATE INDEX symbol_name ON symbol (name);

CREATE TABLE reason (
  id      INTEGER NOT NULL,     -- ordinal of the commit
  file    INTEGER NOT NULL,
  line    INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  symbol  TEXT NOT NULL,
  text    TEXT NOT NULL
);
CREATE INDEX reason_id ON reason (id);
CREATE INDEX reason_file ON reason (file);

-- The inverted index of change recall: immutable segments of sorted pages.
CREATE TABLE segment (
  id        INTEGER PRIMARY KEY,
  tier      INTEGER NOT NULL,
  documents BLOB NOT NULL,      -- ordinal, field lengths, author, time, flags
  directory BLOB NOT NULL       -- first term and row of each page
);
CREATE TABLE posting (
  id   INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);

-- Words of file and symbol names; rowid is 2 × file id or 2 × symbol id + 1.
CREATE VIRTUAL TABLE name USING fts5 (terms, detail = none, tokenize = "ascii tokenchars '_'");
INSERT INTO name (name, rank) VALUES ('secure-delete', 1);
