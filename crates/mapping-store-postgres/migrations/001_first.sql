-- Ids are UUIDs, times microseconds since the Unix epoch, hashes 32 bytes.
-- What belongs to an organization is keyed by it first. Wide fixed columns stand first, so that no byte is lost to alignment.
-- The part of a reference's name after `__` says what is missing where it does not hold.

CREATE TABLE organizations (
    number      BIGINT  NOT NULL UNIQUE,
    created_at  BIGINT  NOT NULL,
    modified_at BIGINT  NOT NULL,
    id          UUID    NOT NULL PRIMARY KEY,
    disabled    BOOLEAN NOT NULL,
    name        TEXT    NOT NULL
);

CREATE TABLE roles (
    created_at  BIGINT  NOT NULL,
    modified_at BIGINT  NOT NULL,
    org_id      UUID    NOT NULL CONSTRAINT roles__organization REFERENCES organizations,
    id          UUID    NOT NULL,
    managed     BOOLEAN NOT NULL,
    name        TEXT    NOT NULL COLLATE "C",
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, name)
);

CREATE TABLE role_permissions (
    org_id        UUID NOT NULL,
    role_id       UUID NOT NULL,
    permission_id UUID NOT NULL,
    PRIMARY KEY (org_id, role_id, permission_id),
    CONSTRAINT role_permissions__role FOREIGN KEY (org_id, role_id) REFERENCES roles ON DELETE CASCADE
);

CREATE TABLE users (
    created_at      BIGINT  NOT NULL,
    modified_at     BIGINT  NOT NULL,
    org_id          UUID    NOT NULL CONSTRAINT users__organization REFERENCES organizations,
    id              UUID    NOT NULL,
    service_account BOOLEAN NOT NULL,
    disabled        BOOLEAN NOT NULL,
    email           TEXT    NOT NULL COLLATE "C",
    name            TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX users_by_email ON users (org_id, email);
CREATE UNIQUE INDEX one_person_per_email ON users (org_id, email) WHERE NOT service_account;

-- The position keeps the order in which the roles were given.
CREATE TABLE user_roles (
    org_id   UUID    NOT NULL,
    user_id  UUID    NOT NULL,
    role_id  UUID    NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id, position),
    CONSTRAINT user_roles__user FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE,
    CONSTRAINT user_roles__role FOREIGN KEY (org_id, role_id) REFERENCES roles
);

CREATE TABLE aws_accounts (
    created_at    BIGINT NOT NULL,
    modified_at   BIGINT NOT NULL,
    org_id        UUID   NOT NULL CONSTRAINT aws_accounts__organization REFERENCES organizations,
    id            UUID   NOT NULL,
    account       TEXT   NOT NULL COLLATE "C",
    partition     TEXT   NOT NULL COLLATE "C",
    role_name     TEXT,
    external_id   TEXT,
    access_key_id TEXT,
    sealed_secret BYTEA,
    settings      TEXT   NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, account),
    -- Either a role with its external id, or an access key.
    CHECK ((role_name IS NULL) = (external_id IS NULL)),
    CHECK ((role_name IS NULL) <> (access_key_id IS NULL)),
    CHECK (sealed_secret IS NULL OR access_key_id IS NOT NULL)
);

-- There may be millions of these, so their two indexes hold fixed keys of 32 bytes. A pattern is found by, and unique by,
-- 15 bytes of its SHA-256 (16 with the length in front); whoever reads compares the text as well. The double backslash keeps
-- the cast from reading an escape. No reference to aws_accounts: a mapping outlives its account's configuration.
CREATE TABLE persona_mappings (
    created_at BIGINT NOT NULL,
    org_id     UUID   NOT NULL,
    id         UUID   NOT NULL,
    target_id  UUID   NOT NULL,
    created_by UUID,
    pattern    TEXT   NOT NULL COLLATE "C",
    PRIMARY KEY (org_id, id),
    CONSTRAINT persona_mappings__user FOREIGN KEY (org_id, target_id) REFERENCES users
);

CREATE UNIQUE INDEX persona_mappings_by_pattern
    ON persona_mappings (org_id, substr(sha256(replace(pattern, '\', '\\')::bytea), 1, 15));

CREATE TABLE intake_mappings (
    created_at BIGINT NOT NULL,
    org_id     UUID   NOT NULL,
    id         UUID   NOT NULL,
    created_by UUID,
    pattern    TEXT   NOT NULL COLLATE "C",
    PRIMARY KEY (org_id, id)
);

CREATE UNIQUE INDEX intake_mappings_by_pattern
    ON intake_mappings (org_id, substr(sha256(replace(pattern, '\', '\\')::bytea), 1, 15));

CREATE TABLE api_keys (
    created_at  BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    org_id      UUID   NOT NULL CONSTRAINT api_keys__organization REFERENCES organizations,
    id          UUID   NOT NULL,
    created_by  UUID,
    hash        BYTEA  NOT NULL UNIQUE,
    last4       TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Without scopes (NULL) a key is not narrowed.
CREATE TABLE app_keys (
    created_at BIGINT NOT NULL,
    org_id     UUID   NOT NULL CONSTRAINT app_keys__organization REFERENCES organizations,
    id         UUID   NOT NULL,
    owner_id   UUID   NOT NULL,
    hash       BYTEA  NOT NULL UNIQUE,
    last4      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    scopes     UUID[],
    PRIMARY KEY (org_id, id),
    CONSTRAINT app_keys__user FOREIGN KEY (org_id, owner_id) REFERENCES users
);

CREATE TABLE managed_keys (
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    rotate_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    org_id     UUID   NOT NULL,
    id         UUID   NOT NULL,
    mapping_id UUID   NOT NULL,
    hash       BYTEA  NOT NULL UNIQUE,
    sealed     BYTEA  NOT NULL,
    last4      TEXT   NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, mapping_id, generation),
    CONSTRAINT managed_keys__mapping FOREIGN KEY (org_id, mapping_id) REFERENCES intake_mappings ON DELETE CASCADE
);

CREATE INDEX managed_keys_by_expiry ON managed_keys (expires_at);

CREATE TABLE signing_keys (
    created_at     BIGINT NOT NULL,
    state_since    BIGINT NOT NULL,
    kid            TEXT   NOT NULL COLLATE "C" PRIMARY KEY,
    algorithm      TEXT   NOT NULL,
    state          TEXT   NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    sealed_private BYTEA  NOT NULL
);

CREATE UNIQUE INDEX one_signing_key_per_state ON signing_keys (state) WHERE state <> 'retired';

CREATE TABLE proofs (
    first_at   BIGINT NOT NULL,
    keep_until BIGINT NOT NULL,
    presented  BIGINT NOT NULL,
    org_id     UUID   NOT NULL,
    hash       BYTEA  NOT NULL,
    PRIMARY KEY (org_id, hash)
);

CREATE INDEX proofs_by_end ON proofs (keep_until);

-- No reference to organizations: an attempt on an unknown one is recorded too.
CREATE TABLE audit_events (
    at             BIGINT  NOT NULL,
    took_micros    BIGINT  NOT NULL,
    id             UUID    NOT NULL PRIMARY KEY,
    org_id         UUID,
    mapping_id     UUID,
    user_id        UUID,
    replayed       BOOLEAN NOT NULL,
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
    proof_hash     BYTEA
);

CREATE INDEX audit_events_by_time ON audit_events (org_id, at, id);

CREATE FUNCTION refuse_change_of_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are never changed or removed';
END $$;

CREATE TRIGGER audit_events_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_events();

CREATE TABLE installation_facts (
    name  TEXT NOT NULL COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);
