-- Lists by page, teams, invitations, one table for API keys of either category, and a chained audit log.
-- The folded columns and the chain are filled by the program: its idea of lower case, and the form that is hashed, are no
-- database's. What is listed in the order of a text is compared by its bytes.

-- How many rows of a kind an organization has, so that no list has to count them.
CREATE TABLE row_counts (
    n      BIGINT NOT NULL,
    org_id UUID   NOT NULL,
    kind   TEXT   NOT NULL COLLATE "C",
    PRIMARY KEY (org_id, kind)
);

-- The numbers are changed once for each statement, in the order of their organizations, so that no two statements wait for each other.
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO row_counts AS c (org_id, kind, n)
        SELECT org_id, TG_TABLE_NAME, count(*) FROM rows_of_statement GROUP BY org_id ORDER BY org_id
        ON CONFLICT (org_id, kind) DO UPDATE SET n = c.n + excluded.n;
    RETURN NULL;
END $$;

CREATE FUNCTION count_rows_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO row_counts AS c (org_id, kind, n)
        SELECT org_id, TG_TABLE_NAME, -count(*) FROM rows_of_statement GROUP BY org_id ORDER BY org_id
        ON CONFLICT (org_id, kind) DO UPDATE SET n = c.n + excluded.n;
    RETURN NULL;
END $$;

-- Users. Who is there already has signed in, as far as anybody knows.
ALTER TABLE users ADD COLUMN verified BOOLEAN NOT NULL DEFAULT true, ADD COLUMN folded TEXT NOT NULL DEFAULT '',
    ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE users ALTER COLUMN verified DROP DEFAULT, ALTER COLUMN folded DROP DEFAULT;

DROP INDEX users_by_email;
CREATE INDEX users_by_name ON users (org_id, name, id);
CREATE INDEX users_by_email ON users (org_id, email, id);
CREATE INDEX users_by_age ON users (org_id, created_at, id);
CREATE INDEX users_by_change ON users (org_id, modified_at, id);

-- Roles and their holders.
ALTER TABLE roles ADD COLUMN folded TEXT NOT NULL DEFAULT '', ADD COLUMN user_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE roles ALTER COLUMN folded DROP DEFAULT;

DELETE FROM user_roles h USING user_roles earlier
    WHERE earlier.org_id = h.org_id AND earlier.user_id = h.user_id AND earlier.role_id = h.role_id
        AND earlier.position < h.position;

CREATE UNIQUE INDEX user_roles_by_role ON user_roles (org_id, role_id, user_id);
CREATE INDEX role_permissions_by_permission ON role_permissions (org_id, permission_id, role_id);

UPDATE roles r SET user_count = h.n
    FROM (SELECT org_id, role_id, count(*) AS n FROM user_roles GROUP BY org_id, role_id) h
    WHERE h.org_id = r.org_id AND h.role_id = r.id;

CREATE INDEX roles_by_change ON roles (org_id, modified_at, id);
CREATE INDEX roles_by_user_count ON roles (org_id, user_count, id);

-- Whoever gives several roles at once has locked them in the order of their ids before.
CREATE FUNCTION count_role_holders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE roles r SET user_count = r.user_count + h.n
        FROM (SELECT org_id, role_id, count(*) AS n FROM rows_of_statement GROUP BY org_id, role_id) h
        WHERE r.org_id = h.org_id AND r.id = h.role_id;
    RETURN NULL;
END $$;

CREATE FUNCTION count_role_holders_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE roles r SET user_count = r.user_count - h.n
        FROM (SELECT org_id, role_id, count(*) AS n FROM rows_of_statement GROUP BY org_id, role_id) h
        WHERE r.org_id = h.org_id AND r.id = h.role_id;
    RETURN NULL;
END $$;

CREATE TRIGGER role_holders_are_counted AFTER INSERT ON user_roles
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_role_holders();

CREATE TRIGGER role_holders_are_counted_off AFTER DELETE ON user_roles
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_role_holders_off();

-- Teams and their members.
CREATE TABLE teams (
    created_at      BIGINT NOT NULL,
    modified_at     BIGINT NOT NULL,
    user_count      BIGINT NOT NULL DEFAULT 0,
    banner          BIGINT,
    org_id          UUID   NOT NULL CONSTRAINT teams__organization REFERENCES organizations,
    id              UUID   NOT NULL,
    name            TEXT   NOT NULL COLLATE "C",
    handle          TEXT   NOT NULL COLLATE "C",
    summary         TEXT,
    description     TEXT,
    avatar          TEXT,
    visible_modules TEXT[] NOT NULL,
    hidden_modules  TEXT[] NOT NULL,
    folded          TEXT   NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, name),
    UNIQUE (org_id, handle)
);

CREATE INDEX teams_by_user_count ON teams (org_id, user_count, id);

CREATE TABLE team_members (
    created_at BIGINT  NOT NULL,
    org_id     UUID    NOT NULL,
    team_id    UUID    NOT NULL,
    user_id    UUID    NOT NULL,
    added_by   UUID,
    admin      BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, team_id, user_id),
    CONSTRAINT team_members__team FOREIGN KEY (org_id, team_id) REFERENCES teams ON DELETE CASCADE,
    CONSTRAINT team_members__user FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE
);

CREATE INDEX team_members_by_user ON team_members (org_id, user_id, team_id);

CREATE FUNCTION count_team_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE teams t SET user_count = t.user_count + m.n
        FROM (SELECT org_id, team_id, count(*) AS n FROM rows_of_statement GROUP BY org_id, team_id) m
        WHERE t.org_id = m.org_id AND t.id = m.team_id;
    RETURN NULL;
END $$;

CREATE FUNCTION count_team_members_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE teams t SET user_count = t.user_count - m.n
        FROM (SELECT org_id, team_id, count(*) AS n FROM rows_of_statement GROUP BY org_id, team_id) m
        WHERE t.org_id = m.org_id AND t.id = m.team_id;
    RETURN NULL;
END $$;

CREATE TRIGGER team_members_are_counted AFTER INSERT ON team_members
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_team_members();

CREATE TRIGGER team_members_are_counted_off AFTER DELETE ON team_members
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_team_members_off();

CREATE TABLE invitations (
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    org_id     UUID   NOT NULL,
    id         UUID   NOT NULL,
    user_id    UUID   NOT NULL,
    created_by UUID,
    PRIMARY KEY (org_id, id),
    CONSTRAINT invitations__user FOREIGN KEY (org_id, user_id) REFERENCES users ON DELETE CASCADE
);

CREATE INDEX invitations_by_age ON invitations (org_id, created_at, id);
CREATE INDEX invitations_by_user ON invitations (org_id, user_id);

-- API keys of either category. The columns from generation to sealed are those of a generation of a managed key.
ALTER TABLE api_keys
    ADD COLUMN generation BIGINT,
    ADD COLUMN rotate_at BIGINT,
    ADD COLUMN expires_at BIGINT,
    ADD COLUMN mapping_id UUID,
    ADD COLUMN sealed BYTEA,
    ADD COLUMN last_used_at BIGINT,
    ADD COLUMN modified_by UUID,
    ADD COLUMN remote_config_read_enabled BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN folded TEXT NOT NULL DEFAULT '',
    ALTER COLUMN name TYPE TEXT COLLATE "C",
    ALTER COLUMN last4 TYPE TEXT COLLATE "C",
    ADD CHECK ((mapping_id IS NULL) = (generation IS NULL)),
    ADD CHECK ((mapping_id IS NULL) = (rotate_at IS NULL)),
    ADD CHECK ((mapping_id IS NULL) = (expires_at IS NULL)),
    ADD CHECK ((mapping_id IS NULL) = (sealed IS NULL)),
    ADD CONSTRAINT api_keys__mapping
        FOREIGN KEY (org_id, mapping_id) REFERENCES intake_mappings ON DELETE CASCADE;

UPDATE api_keys SET modified_by = created_by;

INSERT INTO api_keys (org_id, id, name, hash, last4, mapping_id, generation, sealed, rotate_at, expires_at,
        created_at, modified_at)
    SELECT org_id, id, 'managed intake key ' || generation || ' of mapping ' || mapping_id, hash, last4, mapping_id,
        generation, sealed, rotate_at, expires_at, created_at, created_at
    FROM managed_keys;

DROP TABLE managed_keys;

ALTER TABLE api_keys ALTER COLUMN remote_config_read_enabled DROP DEFAULT, ALTER COLUMN folded DROP DEFAULT;

CREATE UNIQUE INDEX one_key_per_generation ON api_keys (org_id, mapping_id, generation) WHERE mapping_id IS NOT NULL;
CREATE INDEX managed_keys_by_expiry ON api_keys (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX api_keys_by_name ON api_keys (org_id, name, id);
CREATE INDEX api_keys_by_age ON api_keys (org_id, created_at, id);
CREATE INDEX api_keys_by_change ON api_keys (org_id, modified_at, id);
CREATE INDEX api_keys_by_last4 ON api_keys (org_id, last4, id);

-- Application keys.
ALTER TABLE app_keys
    ADD COLUMN last_used_at BIGINT,
    ADD COLUMN folded TEXT NOT NULL DEFAULT '',
    ALTER COLUMN name TYPE TEXT COLLATE "C",
    ALTER COLUMN last4 TYPE TEXT COLLATE "C";
ALTER TABLE app_keys ALTER COLUMN folded DROP DEFAULT;

CREATE INDEX app_keys_by_name ON app_keys (org_id, name, id);
CREATE INDEX app_keys_by_age ON app_keys (org_id, created_at, id);
CREATE INDEX app_keys_by_last4 ON app_keys (org_id, last4, id);
CREATE INDEX owned_app_keys_by_name ON app_keys (org_id, owner_id, name, id);
CREATE INDEX owned_app_keys_by_age ON app_keys (org_id, owner_id, created_at, id);
CREATE INDEX owned_app_keys_by_last4 ON app_keys (org_id, owner_id, last4, id);

-- From here on rows are counted.
INSERT INTO row_counts (org_id, kind, n)
    SELECT org_id, 'users', count(*) FROM users GROUP BY org_id
    UNION ALL SELECT org_id, 'roles', count(*) FROM roles GROUP BY org_id
    UNION ALL SELECT org_id, 'api_keys', count(*) FROM api_keys GROUP BY org_id
    UNION ALL SELECT org_id, 'app_keys', count(*) FROM app_keys GROUP BY org_id;

CREATE TRIGGER users_are_counted AFTER INSERT ON users
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows();

CREATE TRIGGER users_are_counted_off AFTER DELETE ON users
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows_off();

CREATE TRIGGER roles_are_counted AFTER INSERT ON roles
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows();

CREATE TRIGGER roles_are_counted_off AFTER DELETE ON roles
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows_off();

CREATE TRIGGER teams_are_counted AFTER INSERT ON teams
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows();

CREATE TRIGGER teams_are_counted_off AFTER DELETE ON teams
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows_off();

CREATE TRIGGER invitations_are_counted AFTER INSERT ON invitations
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows();

CREATE TRIGGER invitations_are_counted_off AFTER DELETE ON invitations
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows_off();

CREATE TRIGGER api_keys_are_counted AFTER INSERT ON api_keys
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows();

CREATE TRIGGER api_keys_are_counted_off AFTER DELETE ON api_keys
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows_off();

CREATE TRIGGER app_keys_are_counted AFTER INSERT ON app_keys
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows();

CREATE TRIGGER app_keys_are_counted_off AFTER DELETE ON app_keys
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows_off();

-- Where each lane of a chain ends. The chain of events that concern no organization is nil.
CREATE TABLE audit_heads (
    sequence BIGINT  NOT NULL,
    chain    UUID    NOT NULL,
    lane     INTEGER NOT NULL,
    hash     BYTEA   NOT NULL,
    PRIMARY KEY (chain, lane)
);

-- The audit log, each event chained to the one before it in its lane. The program chains the events that are there already,
-- and then makes the columns compulsory and the events unchangeable again.
DROP TRIGGER audit_events_are_not_changed ON audit_events;

ALTER TABLE audit_events
    ADD COLUMN sequence BIGINT,
    ADD COLUMN chain UUID,
    ADD COLUMN lane INTEGER,
    ADD COLUMN hash BYTEA;
