-- Rows as the version that knew only the first migration wrote them; `conformance::upgraded` looks for them.
INSERT INTO organizations (id, number, name, disabled, created_at, modified_at) VALUES ('00000000000040008000000000000001', 1, 'o', false, 0, 0);
INSERT INTO roles (org_id, id, name, managed, created_at, modified_at) VALUES ('00000000000040008000000000000001', '0000000000004000800000000000000b', 'Über', false, 0, 0), ('00000000000040008000000000000001', '0000000000004000800000000000000c', 'empty', false, 0, 0);
INSERT INTO role_permissions (org_id, role_id, permission_id) VALUES ('00000000000040008000000000000001', '0000000000004000800000000000000b', '9de604d8e70711eaaa2d93f1a783b3a3');
INSERT INTO users (org_id, id, email, name, title, service_account, disabled, created_at, modified_at)
    VALUES ('00000000000040008000000000000001', '00000000000040008000000000000015', 'ada@example.com', 'ÄDA', 'Countess', false, false, 1, 2), ('00000000000040008000000000000001', '00000000000040008000000000000016', 'ops@example.com', '', '', true, true, 3, 3);
INSERT INTO user_roles (org_id, user_id, position, role_id)
    VALUES ('00000000000040008000000000000001', '00000000000040008000000000000015', 0, '0000000000004000800000000000000b'), ('00000000000040008000000000000001', '00000000000040008000000000000015', 1, '0000000000004000800000000000000c'), ('00000000000040008000000000000001', '00000000000040008000000000000015', 2, '0000000000004000800000000000000b'), ('00000000000040008000000000000001', '00000000000040008000000000000016', 0, '0000000000004000800000000000000b');
INSERT INTO aws_accounts (org_id, id, account, partition, role_name, external_id, settings, created_at, modified_at)
    VALUES ('00000000000040008000000000000001', '00000000000040008000000000000051', '123456789012', 'aws', 'r', 'e', '{}', 0, 0);
INSERT INTO intake_mappings (org_id, id, pattern, created_at) VALUES ('00000000000040008000000000000001', '0000000000004000800000000000003d', 'arn:aws:sts::123456789012:assumed-role/ci/*', 0);
INSERT INTO persona_mappings (org_id, id, pattern, target_id, created_at) VALUES ('00000000000040008000000000000001', '0000000000004000800000000000003e', 'arn:aws:sts::123456789012:assumed-role/ci/*', '00000000000040008000000000000015', 0);
INSERT INTO api_keys (org_id, id, name, hash, last4, created_by, created_at, modified_at)
    VALUES ('00000000000040008000000000000001', '0000000000004000800000000000001f', 'CI', '\x1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f', 'beef', '00000000000040008000000000000015', 4, 5);
INSERT INTO app_keys (org_id, id, owner_id, name, hash, last4, scopes, created_at)
    VALUES ('00000000000040008000000000000001', '00000000000040008000000000000033', '00000000000040008000000000000015', 'Laptop', '\x3333333333333333333333333333333333333333333333333333333333333333', 'cafe', NULL, 7);
INSERT INTO managed_keys (org_id, id, mapping_id, generation, hash, sealed, last4, created_at, rotate_at, expires_at)
    VALUES ('00000000000040008000000000000001', '00000000000040008000000000000029', '0000000000004000800000000000003d', 1, '\x2929292929292929292929292929292929292929292929292929292929292929', '\x010203', 'f00d', 6, 100, 200);
INSERT INTO audit_events (id, org_id, at, purpose, outcome, reason, detail, request_id, source, proof_hash, replayed, took_micros)
    VALUES ('00000000000040008000000000000048', '00000000000040008000000000000001', 18, 'access_token', 'granted', '', '', 'old', '192.0.2.1', '\x0707070707070707070707070707070707070707070707070707070707070707', false, 0);
INSERT INTO audit_events (id, org_id, at, purpose, outcome, reason, detail, request_id, source, proof_hash, replayed, took_micros)
    VALUES ('0000000000004000800000000000004a', NULL, 16, 'access_token', 'granted', '', '', 'old', '192.0.2.1', '\x0707070707070707070707070707070707070707070707070707070707070707', false, 0);
INSERT INTO audit_events (id, org_id, at, purpose, outcome, reason, detail, request_id, source, proof_hash, replayed, took_micros)
    VALUES ('00000000000040008000000000000047', '00000000000040008000000000000001', 19, 'access_token', 'granted', '', '', 'old', '192.0.2.1', '\x0707070707070707070707070707070707070707070707070707070707070707', false, 0);
INSERT INTO audit_events (id, org_id, at, purpose, outcome, reason, detail, request_id, source, proof_hash, replayed, took_micros)
    VALUES ('0000000000004000800000000000004b', '00000000000040008000000000000009', 15, 'access_token', 'granted', '', '', 'old', '192.0.2.1', '\x0707070707070707070707070707070707070707070707070707070707070707', false, 0);
INSERT INTO audit_events (id, org_id, at, purpose, outcome, reason, detail, request_id, source, proof_hash, replayed, took_micros)
    VALUES ('00000000000040008000000000000049', '00000000000040008000000000000001', 17, 'access_token', 'granted', '', '', 'old', '192.0.2.1', '\x0707070707070707070707070707070707070707070707070707070707070707', false, 0);
