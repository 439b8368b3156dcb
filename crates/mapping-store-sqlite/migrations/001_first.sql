-- Ids are 16-byte blobs, times microseconds since the Unix epoch, hashes 32-byte blobs.
-- What belongs to an organization is keyed by it first.

CREATE TABLE organizations (
    id          BLOB    NOT NULL PRIMARY KEY,
    number      INTEGER NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    disabled    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;

CREATE TABLE roles (
    org_id      BLOB    NOT NULL REFERENCES organizations,
    id          BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    managed     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, name)
) STRICT;

CREATE TABLE role_permissions (
    org_id        BLOB NOT NULL,
    role_id       BLOB NOT NULL,
    permission_id BLOB NOT NULL,
    PRIMARY KEY (org_id, role_id, permission_id),
    FOREIGN KEY (org_id, role_id) REFERENCES roles ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    org_id          BLOB    NOT NULL REFERENCES organizations,
    id              BLOB    NOT NULL,
    email           TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    service_account INTEGER NOT NULL,
    disabled        INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    modified_at     INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

CREATE INDEX users_by_email ON users (org_id, email);
CREATE UNIQUE INDEX one_person_per_email ON users (org_id, email) WHERE NOT service_account;

-- The position keeps the order in which the roles were given.
CREATE TABLE user_roles (
    org_id   BLOB    NOT NULL,
    user_id  BLOB    NOT NULL,
    position INTEGER NOT NULL,
    role_id  BLOB    NOT NULL,
    PRIMARY KEY (org_id, user_id, position),
    FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE,
    FOREIGN KEY (org_id, role_id) REFERENCES roles
) STRICT, WITHOUT ROWID;

CREATE TABLE aws_accounts (
    org_id        BLOB    NOT NULL REFERENCES organizations,
    id            BLOB    NOT NULL,
    account       TEXT    NOT NULL,
    partition     TEXT    NOT NULL,
    role_name     TEXT,
    external_id   TEXT,
    access_key_id TEXT,
    sealed_secret BLOB,
    settings      TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    modified_at   INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, account),
    -- Either a role with its external id, or an access key.
    CHECK ((role_name IS NULL) = (external_id IS NULL)),
    CHECK ((role_name IS NULL) <> (access_key_id IS NULL)),
    CHECK (sealed_secret IS NULL OR access_key_id IS NOT NULL)
) STRICT;

-- The unique pattern is also how an exchange finds a mapping. Account and partition are the pattern's own,
-- beside it so that a join needs no parsing. No reference to aws_accounts: a mapping outlives its account's configuration.
CREATE TABLE persona_mappings (
    org_id     BLOB    NOT NULL REFERENCES organizations,
    id         BLOB    NOT NULL,
    pattern    TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    partition  TEXT    NOT NULL,
    target_id  BLOB    NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, pattern),
    FOREIGN KEY (org_id, target_id) REFERENCES users
) STRICT;

CREATE TABLE intake_mappings (
    org_id     BLOB    NOT NULL REFERENCES organizations,
    id         BLOB    NOT NULL,
    pattern    TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    partition  TEXT    NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, pattern)
) STRICT;

CREATE TABLE api_keys (
    org_id      BLOB    NOT NULL REFERENCES organizations,
    id          BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    hash        BLOB    NOT NULL UNIQUE,
    last4       TEXT    NOT NULL,
    created_by  BLOB,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Scopes are permission ids one after the other; NULL for a key that is not narrowed.
CREATE TABLE app_keys (
    org_id     BLOB    NOT NULL REFERENCES organizations,
    id         BLOB    NOT NULL,
    owner_id   BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    hash       BLOB    NOT NULL UNIQUE,
    last4      TEXT    NOT NULL,
    scopes     BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, owner_id) REFERENCES users
) STRICT;

CREATE TABLE managed_keys (
    org_id     BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    mapping_id BLOB    NOT NULL,
    generation INTEGER NOT NULL,
    hash       BLOB    NOT NULL UNIQUE,
    sealed     BLOB    NOT NULL,
    last4      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    rotate_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, mapping_id, generation),
    FOREIGN KEY (org_id, mapping_id) REFERENCES intake_mappings ON DELETE CASCADE
) STRICT;

CREATE INDEX managed_keys_by_expiry ON managed_keys (expires_at);

CREATE TABLE signing_keys (
    kid            TEXT    NOT NULL PRIMARY KEY,
    algorithm      TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    sealed_private BLOB    NOT NULL,
    created_at     INTEGER NOT NULL,
    state_since    INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_signing_key_per_state ON signing_keys (state) WHERE state <> 'retired';

CREATE TABLE proofs (
    org_id     BLOB    NOT NULL,
    hash       BLOB    NOT NULL,
    first_at   INTEGER NOT NULL,
    keep_until INTEGER NOT NULL,
    presented  INTEGER NOT NULL,
    PRIMARY KEY (org_id, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX proofs_by_end ON proofs (keep_until);

-- No reference to organizations: an attempt on an unknown one is recorded too.
CREATE TABLE audit_events (
    id             BLOB    NOT NULL PRIMARY KEY,
    org_id         BLOB,
    at             INTEGER NOT NULL,
    purpose        TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    detail         TEXT    NOT NULL,
    request_id     TEXT    NOT NULL,
    source         TEXT,
    sts_host       TEXT,
    sts_request_id TEXT,
    access_key_id  TEXT,
    caller_arn     TEXT,
    caller_user_id TEXT,
    account        TEXT,
    mapping_id     BLOB,
    user_id        BLOB,
    proof_hash     BLOB,
    replayed       INTEGER NOT NULL,
    took_micros    INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_events_by_time ON audit_events (org_id, at, id);

CREATE TRIGGER audit_events_are_not_changed BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit events are never changed');
END;

CREATE TRIGGER audit_events_are_not_removed BEFORE DELETE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit events are never removed');
END;

CREATE TABLE installation_facts (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
