-- Sign-ins of people: how an organization's people sign in by SAML, requests under way, sessions, and assertions that are kept.

-- Domains are one text, with spaces between them. No reference from autocreate_role to roles: it may have been deleted since.
CREATE TABLE saml_configurations (
    org_id               BLOB    NOT NULL PRIMARY KEY REFERENCES organizations,
    enabled              INTEGER NOT NULL,
    strict               INTEGER NOT NULL,
    idp_initiated        INTEGER NOT NULL,
    autocreate_domains   TEXT    NOT NULL,
    autocreate_role      BLOB,
    unmatched_users      TEXT    NOT NULL,
    keep_assertions      INTEGER NOT NULL,
    email_attribute      TEXT,
    enforcement          TEXT    NOT NULL,
    metadata             TEXT,
    metadata_uploaded_at INTEGER,
    CHECK ((metadata IS NULL) = (metadata_uploaded_at IS NULL))
) STRICT;

CREATE TABLE sign_in_requests (
    org_id     BLOB    NOT NULL REFERENCES organizations,
    handle     BLOB    NOT NULL,
    browser    BLOB    NOT NULL,
    request_id TEXT    NOT NULL,
    return_to  TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, handle)
) STRICT;

CREATE INDEX sign_in_requests_by_expiry ON sign_in_requests (expires_at);

CREATE TABLE sessions (
    org_id          BLOB    NOT NULL,
    id              BLOB    NOT NULL,
    user_id         BLOB    NOT NULL,
    method          TEXT    NOT NULL,
    secret          BLOB    NOT NULL,
    previous_secret BLOB,
    created_at      INTEGER NOT NULL,
    rotated_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    arrived         BLOB    NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE
) STRICT;

CREATE INDEX sessions_by_user ON sessions (org_id, user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE kept_assertions (
    org_id      BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    user_id     BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    keep_until  INTEGER NOT NULL,
    sealed      BLOB    NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE
) STRICT;

-- With the time that each is kept until, so that those whose time has come are passed over, and the others counted, in the index.
CREATE INDEX kept_assertions_by_age ON kept_assertions (org_id, received_at, id, keep_until);
CREATE INDEX kept_assertions_by_user ON kept_assertions (org_id, user_id, received_at, id, keep_until);
CREATE INDEX kept_assertions_by_end ON kept_assertions (keep_until);
