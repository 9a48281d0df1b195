-- The end of the log: one row, whose lock is the queue of those who write.
CREATE TABLE head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL,
    last bytea NOT NULL,
    checkpoint text NOT NULL,
    epoch bytea
);
INSERT INTO head (size, last, checkpoint) VALUES (0, decode(repeat('00', 32), 'hex'), '');

-- The very bytes that are hashed: the hash of a row is sha256(bytes).
CREATE TABLE entry (
    seq bigint PRIMARY KEY,
    id text NOT NULL UNIQUE,
    run text,
    bytes bytea NOT NULL
);
CREATE INDEX entry_of_run ON entry (run, seq) WHERE run IS NOT NULL;

-- The tree above the entries.
CREATE TABLE node (
    level smallint NOT NULL,
    place bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, place)
);
CREATE TABLE blob (digest bytea PRIMARY KEY, bytes bytea NOT NULL);
CREATE TABLE checkpoint (size bigint PRIMARY KEY, note text NOT NULL);

-- Derived from the entries; `audit verify` makes them anew and compares.
CREATE TABLE run (seq bigint PRIMARY KEY, run text NOT NULL UNIQUE, summary bytea NOT NULL);
CREATE TABLE open_run (place text COLLATE "C" NOT NULL, seq bigint NOT NULL, PRIMARY KEY (place, seq));
CREATE TABLE person (name text COLLATE "C" PRIMARY KEY, row bytea NOT NULL);
CREATE TABLE standing (subject text COLLATE "C" PRIMARY KEY, row bytea NOT NULL);

-- Customers' keys, wrapped under a key that the database never sees.
CREATE TABLE subject (locator bytea PRIMARY KEY, pseudonym text NOT NULL UNIQUE, wrapped bytea NOT NULL);

-- Lines of a batch that several workers share. No customer's data.
CREATE TABLE job (
    batch bytea NOT NULL,
    line bigint NOT NULL,
    done boolean NOT NULL DEFAULT false,
    PRIMARY KEY (batch, line)
);
CREATE INDEX job_open ON job (batch, line) WHERE NOT done;
