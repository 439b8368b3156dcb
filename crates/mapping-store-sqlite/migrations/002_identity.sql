-- Lists by page, teams, invitations, one table for API keys of either category, and a chained audit log.
-- The folded columns and the chain are filled by the program: its idea of lower case, and the form that is hashed, are no database's.

-- Users. Who is there already has signed in, as far as anybody knows.
ALTER TABLE users ADD COLUMN verified INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN folded TEXT NOT NULL DEFAULT '';

DROP INDEX users_by_email;
CREATE INDEX users_by_name ON users (org_id, name, id);
CREATE INDEX users_by_email ON users (org_id, email, id);
CREATE INDEX users_by_age ON users (org_id, created_at, id);
CREATE INDEX users_by_change ON users (org_id, modified_at, id);

-- Roles and their holders.
ALTER TABLE roles ADD COLUMN folded TEXT NOT NULL DEFAULT '';
ALTER TABLE roles ADD COLUMN user_count INTEGER NOT NULL DEFAULT 0;

DELETE FROM user_roles WHERE EXISTS (
    SELECT 1 FROM user_roles earlier
    WHERE earlier.org_id = user_roles.org_id AND earlier.user_id = user_roles.user_id
        AND earlier.role_id = user_roles.role_id AND earlier.position < user_roles.position
);

CREATE UNIQUE INDEX user_roles_by_role ON user_roles (org_id, role_id, user_id);
CREATE INDEX role_permissions_by_permission ON role_permissions (org_id, permission_id, role_id);

UPDATE roles SET user_count =
    (SELECT count(*) FROM user_roles h WHERE h.org_id = roles.org_id AND h.role_id = roles.id);

CREATE INDEX roles_by_change ON roles (org_id, modified_at, id);
CREATE INDEX roles_by_user_count ON roles (org_id, user_count, id);

CREATE TRIGGER a_role_is_held AFTER INSERT ON user_roles
BEGIN
    UPDATE roles SET user_count = user_count + 1 WHERE org_id = NEW.org_id AND id = NEW.role_id;
END;

CREATE TRIGGER a_role_is_not_held AFTER DELETE ON user_roles
BEGIN
    UPDATE roles SET user_count = user_count - 1 WHERE org_id = OLD.org_id AND id = OLD.role_id;
END;

-- Teams and their members. Modules are a list in JSON.
CREATE TABLE teams (
    org_id          BLOB    NOT NULL REFERENCES organizations,
    id              BLOB    NOT NULL,
    name            TEXT    NOT NULL,
    handle          TEXT    NOT NULL,
    summary         TEXT,
    description     TEXT,
    avatar          TEXT,
    banner          INTEGER,
    visible_modules TEXT    NOT NULL,
    hidden_modules  TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    modified_at     INTEGER NOT NULL,
    folded          TEXT    NOT NULL,
    user_count      INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, name),
    UNIQUE (org_id, handle)
) STRICT;

CREATE INDEX teams_by_user_count ON teams (org_id, user_count, id);

CREATE TABLE team_members (
    org_id     BLOB    NOT NULL,
    team_id    BLOB    NOT NULL,
    user_id    BLOB    NOT NULL,
    admin      INTEGER NOT NULL,
    added_by   BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, team_id, user_id),
    FOREIGN KEY (org_id, team_id) REFERENCES teams ON DELETE CASCADE,
    FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX team_members_by_user ON team_members (org_id, user_id, team_id);

CREATE TRIGGER a_team_has_a_member AFTER INSERT ON team_members
BEGIN
    UPDATE teams SET user_count = user_count + 1 WHERE org_id = NEW.org_id AND id = NEW.team_id;
END;

CREATE TRIGGER a_team_has_a_member_less AFTER DELETE ON team_members
BEGIN
    UPDATE teams SET user_count = user_count - 1 WHERE org_id = OLD.org_id AND id = OLD.team_id;
END;

CREATE TABLE invitations (
    org_id     BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    user_id    BLOB    NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE
) STRICT;

CREATE INDEX invitations_by_age ON invitations (org_id, created_at, id);
CREATE INDEX invitations_by_user ON invitations (org_id, user_id);

-- API keys of either category. The columns from mapping_id to expires_at are those of a generation of a managed key.
CREATE TABLE all_api_keys (
    org_id                     BLOB    NOT NULL REFERENCES organizations,
    id                         BLOB    NOT NULL,
    name                       TEXT    NOT NULL,
    hash                       BLOB    NOT NULL UNIQUE,
    last4                      TEXT    NOT NULL,
    mapping_id                 BLOB,
    generation                 INTEGER,
    sealed                     BLOB,
    rotate_at                  INTEGER,
    expires_at                 INTEGER,
    remote_config_read_enabled INTEGER NOT NULL,
    created_by                 BLOB,
    modified_by                BLOB,
    created_at                 INTEGER NOT NULL,
    modified_at                INTEGER NOT NULL,
    last_used_at               INTEGER,
    folded                     TEXT    NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, mapping_id) REFERENCES intake_mappings ON DELETE CASCADE,
    CHECK ((mapping_id IS NULL) = (generation IS NULL)),
    CHECK ((mapping_id IS NULL) = (sealed IS NULL)),
    CHECK ((mapping_id IS NULL) = (rotate_at IS NULL)),
    CHECK ((mapping_id IS NULL) = (expires_at IS NULL))
) STRICT;

INSERT INTO all_api_keys
    SELECT org_id, id, name, hash, last4, NULL, NULL, NULL, NULL, NULL, 0, created_by, created_by, created_at,
        modified_at, NULL, ''
    FROM api_keys;

INSERT INTO all_api_keys
    SELECT org_id, id,
        'managed intake key ' || generation || ' of mapping ' || lower(
            substr(hex(mapping_id), 1, 8) || '-' || substr(hex(mapping_id), 9, 4) || '-'
            || substr(hex(mapping_id), 13, 4) || '-' || substr(hex(mapping_id), 17, 4) || '-'
            || substr(hex(mapping_id), 21)),
        hash, last4, mapping_id, generation, sealed, rotate_at, expires_at, 0, NULL, NULL, created_at, created_at,
        NULL, ''
    FROM managed_keys;

DROP TABLE api_keys;
DROP TABLE managed_keys;
ALTER TABLE all_api_keys RENAME TO api_keys;

CREATE UNIQUE INDEX one_key_per_generation ON api_keys (org_id, mapping_id, generation) WHERE mapping_id IS NOT NULL;
CREATE INDEX managed_keys_by_expiry ON api_keys (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX api_keys_by_name ON api_keys (org_id, name, id);
CREATE INDEX api_keys_by_age ON api_keys (org_id, created_at, id);
CREATE INDEX api_keys_by_change ON api_keys (org_id, modified_at, id);
CREATE INDEX api_keys_by_last4 ON api_keys (org_id, last4, id);

-- Application keys.
ALTER TABLE app_keys ADD COLUMN last_used_at INTEGER;
ALTER TABLE app_keys ADD COLUMN folded TEXT NOT NULL DEFAULT '';

CREATE INDEX app_keys_by_name ON app_keys (org_id, name, id);
CREATE INDEX app_keys_by_age ON app_keys (org_id, created_at, id);
CREATE INDEX app_keys_by_last4 ON app_keys (org_id, last4, id);
CREATE INDEX owned_app_keys_by_name ON app_keys (org_id, owner_id, name, id);
CREATE INDEX owned_app_keys_by_age ON app_keys (org_id, owner_id, created_at, id);
CREATE INDEX owned_app_keys_by_last4 ON app_keys (org_id, owner_id, last4, id);

-- How many rows of a kind an organization has, so that no list has to count them.
CREATE TABLE row_counts (
    org_id BLOB    NOT NULL,
    kind   TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (org_id, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO row_counts
    SELECT org_id, 'users', count(*) FROM users GROUP BY org_id
    UNION ALL SELECT org_id, 'roles', count(*) FROM roles GROUP BY org_id
    UNION ALL SELECT org_id, 'api_keys', count(*) FROM api_keys GROUP BY org_id
    UNION ALL SELECT org_id, 'app_keys', count(*) FROM app_keys GROUP BY org_id;

CREATE TRIGGER users_are_counted AFTER INSERT ON users
BEGIN
    INSERT INTO row_counts VALUES (NEW.org_id, 'users', 1) ON CONFLICT (org_id, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER users_are_counted_off AFTER DELETE ON users
BEGIN
    UPDATE row_counts SET n = n - 1 WHERE org_id = OLD.org_id AND kind = 'users';
END;

CREATE TRIGGER roles_are_counted AFTER INSERT ON roles
BEGIN
    INSERT INTO row_counts VALUES (NEW.org_id, 'roles', 1) ON CONFLICT (org_id, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER roles_are_counted_off AFTER DELETE ON roles
BEGIN
    UPDATE row_counts SET n = n - 1 WHERE org_id = OLD.org_id AND kind = 'roles';
END;

CREATE TRIGGER teams_are_counted AFTER INSERT ON teams
BEGIN
    INSERT INTO row_counts VALUES (NEW.org_id, 'teams', 1) ON CONFLICT (org_id, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER teams_are_counted_off AFTER DELETE ON teams
BEGIN
    UPDATE row_counts SET n = n - 1 WHERE org_id = OLD.org_id AND kind = 'teams';
END;

CREATE TRIGGER invitations_are_counted AFTER INSERT ON invitations
BEGIN
    INSERT INTO row_counts VALUES (NEW.org_id, 'invitations', 1) ON CONFLICT (org_id, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER invitations_are_counted_off AFTER DELETE ON invitations
BEGIN
    UPDATE row_counts SET n = n - 1 WHERE org_id = OLD.org_id AND kind = 'invitations';
END;

CREATE TRIGGER api_keys_are_counted AFTER INSERT ON api_keys
BEGIN
    INSERT INTO row_counts VALUES (NEW.org_id, 'api_keys', 1) ON CONFLICT (org_id, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER api_keys_are_counted_off AFTER DELETE ON api_keys
BEGIN
    UPDATE row_counts SET n = n - 1 WHERE org_id = OLD.org_id AND kind = 'api_keys';
END;

CREATE TRIGGER app_keys_are_counted AFTER INSERT ON app_keys
BEGIN
    INSERT INTO row_counts VALUES (NEW.org_id, 'app_keys', 1) ON CONFLICT (org_id, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER app_keys_are_counted_off AFTER DELETE ON app_keys
BEGIN
    UPDATE row_counts SET n = n - 1 WHERE org_id = OLD.org_id AND kind = 'app_keys';
END;

-- The audit log, each event chained to the one before it. The program copies the events of the old table, then drops it.
DROP TRIGGER audit_events_are_not_changed;
DROP TRIGGER audit_events_are_not_removed;
DROP INDEX audit_events_by_time;
ALTER TABLE audit_events RENAME TO unchained_audit_events;

-- Where each lane of a chain ends. The chain of events that concern no organization is nil.
CREATE TABLE audit_heads (
    chain    BLOB    NOT NULL,
    lane     INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    hash     BLOB    NOT NULL,
    PRIMARY KEY (chain, lane)
) STRICT, WITHOUT ROWID;

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
    took_micros    INTEGER NOT NULL,
    chain          BLOB    NOT NULL,
    lane           INTEGER NOT NULL,
    sequence       INTEGER NOT NULL,
    hash           BLOB    NOT NULL,
    UNIQUE (chain, lane, sequence)
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
