-- Mappings of an identity provider's attributes to roles and teams.

-- The name alone, because lists of mappings look in it but not in the handle. The program folds the names that are there.
ALTER TABLE teams ADD COLUMN folded_name TEXT NOT NULL DEFAULT '';
ALTER TABLE teams ALTER COLUMN folded_name DROP DEFAULT;

CREATE TABLE authn_mappings (
    created_at  BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    org_id      UUID   NOT NULL CONSTRAINT authn_mappings__organization REFERENCES organizations,
    id          UUID   NOT NULL,
    role_id     UUID,
    team_id     UUID,
    key         TEXT   NOT NULL COLLATE "C",
    value       TEXT   NOT NULL COLLATE "C",
    folded      TEXT   NOT NULL,
    PRIMARY KEY (org_id, id),
    CONSTRAINT authn_mappings__role FOREIGN KEY (org_id, role_id) REFERENCES roles ON DELETE CASCADE,
    CONSTRAINT authn_mappings__team FOREIGN KEY (org_id, team_id) REFERENCES teams ON DELETE CASCADE,
    CHECK ((role_id IS NULL) <> (team_id IS NULL))
);

-- Also finds what the attributes of a sign-in give. Key and value are one column of it, so that no planner takes the index of
-- either alone: where all have the value "true", that one reads them all. A role and a team may have the same id.
CREATE UNIQUE INDEX authn_mappings_by_attribute
    ON authn_mappings (org_id, (ARRAY[key, value]), coalesce(role_id, team_id), (role_id IS NULL));
CREATE INDEX authn_mappings_by_age ON authn_mappings (org_id, created_at, id);
CREATE INDEX authn_mappings_by_key ON authn_mappings (org_id, key, id);
CREATE INDEX authn_mappings_by_value ON authn_mappings (org_id, value, id);
CREATE INDEX authn_mappings_by_role ON authn_mappings (org_id, role_id) WHERE role_id IS NOT NULL;
CREATE INDEX authn_mappings_by_team ON authn_mappings (org_id, team_id) WHERE team_id IS NOT NULL;

CREATE TRIGGER authn_mappings_are_counted AFTER INSERT ON authn_mappings
    REFERENCING NEW TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows();

CREATE TRIGGER authn_mappings_are_counted_off AFTER DELETE ON authn_mappings
    REFERENCING OLD TABLE AS rows_of_statement FOR EACH STATEMENT EXECUTE FUNCTION count_rows_off();
