-- Sign-ins of people: how an organization's people sign in by SAML, requests under way, sessions, and assertions that are kept.

-- Domains are one text, with spaces between them. No reference from autocreate_role to roles: it may have been deleted since.
CREATE TABLE saml_configurations (
    metadata_uploaded_at BIGINT,
    org_id               UUID    NOT NULL PRIMARY KEY
        CONSTRAINT saml_configurations__organization REFERENCES organizations,
    autocreate_role      UUID,
    enabled              BOOLEAN NOT NULL,
    strict               BOOLEAN NOT NULL,
    idp_initiated        BOOLEAN NOT NULL,
    keep_assertions      BOOLEAN NOT NULL,
    autocreate_domains   TEXT    NOT NULL,
    unmatched_users      TEXT    NOT NULL,
    email_attribute      TEXT,
    enforcement          TEXT    NOT NULL,
    metadata             TEXT,
    CHECK ((metadata IS NULL) = (metadata_uploaded_at IS NULL))
);

CREATE TABLE sign_in_requests (
    expires_at BIGINT NOT NULL,
    org_id     UUID   NOT NULL CONSTRAINT sign_in_requests__organization REFERENCES organizations,
    handle     BYTEA  NOT NULL,
    browser    BYTEA  NOT NULL,
    request_id TEXT   NOT NULL,
    return_to  TEXT   NOT NULL,
    PRIMARY KEY (org_id, handle)
);

CREATE INDEX sign_in_requests_by_expiry ON sign_in_requests (expires_at);

CREATE TABLE sessions (
    created_at      BIGINT NOT NULL,
    rotated_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    org_id          UUID   NOT NULL,
    id              UUID   NOT NULL,
    user_id         UUID   NOT NULL,
    method          TEXT   NOT NULL,
    secret          BYTEA  NOT NULL,
    previous_secret BYTEA,
    arrived         BYTEA  NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT sessions__user FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE
);

CREATE INDEX sessions_by_user ON sessions (org_id, user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE kept_assertions (
    received_at BIGINT NOT NULL,
    keep_until  BIGINT NOT NULL,
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    user_id     UUID   NOT NULL,
    sealed      BYTEA  NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT kept_assertions__user FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE
);

-- With the time that each is kept until, so that those whose time has come are passed over, and the others counted, in the index.
CREATE INDEX kept_assertions_by_age ON kept_assertions (org_id, received_at, id, keep_until);
CREATE INDEX kept_assertions_by_user ON kept_assertions (org_id, user_id, received_at, id, keep_until);
CREATE INDEX kept_assertions_by_end ON kept_assertions (keep_until);
