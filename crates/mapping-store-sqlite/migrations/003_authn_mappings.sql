-- Mappings of an identity provider's attributes to roles and teams.

-- The name alone, because lists of mappings look in it but not in the handle. The program folds the names that are there.
ALTER TABLE teams ADD COLUMN folded_name TEXT NOT NULL DEFAULT '';

CREATE TABLE authn_mappings (
    org_id      BLOB    NOT NULL REFERENCES organizations,
    id          BLOB    NOT NULL,
    key         TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    role_id     BLOB,
    team_id     BLOB,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    folded      TEXT    NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, role_id) REFERENCES roles ON DELETE CASCADE,
    FOREIGN KEY (org_id, team_id) REFERENCES teams ON DELETE CASCADE,
    CHECK ((role_id IS NULL) <> (team_id IS NULL))
) STRICT;

-- Also finds what the attributes of a sign-in give. A role and a team may have the same id.
CREATE UNIQUE INDEX authn_mappings_by_attribute
    ON authn_mappings (org_id, key, value, coalesce(role_id, team_id), role_id IS NULL);
CREATE INDEX authn_mappings_by_age ON authn_mappings (org_id, created_at, id);
CREATE INDEX authn_mappings_by_key ON authn_mappings (org_id, key, id);
CREATE INDEX authn_mappings_by_value ON authn_mappings (org_id, value, id);
CREATE INDEX authn_mappings_by_role ON authn_mappings (org_id, role_id) WHERE role_id IS NOT NULL;
CREATE INDEX authn_mappings_by_team ON authn_mappings (org_id, team_id) WHERE team_id IS NOT NULL;

CREATE TRIGGER authn_mappings_are_counted AFTER INSERT ON authn_mappings
BEGIN
    INSERT INTO row_counts VALUES (NEW.org_id, 'authn_mappings', 1) ON CONFLICT (org_id, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER authn_mappings_are_counted_off AFTER DELETE ON authn_mappings
BEGIN
    UPDATE row_counts SET n = n - 1 WHERE org_id = OLD.org_id AND kind = 'authn_mappings';
END;
