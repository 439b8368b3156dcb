"""Roles, users, service accounts, keys and teams: their whole life through the official client, by keys and by token.

The order of the calls is that of the `datadog_*` resources of Terraform where a test says so.
"""
import json
import unittest

import boto3
import support
from datadog_api_client.aws import AWSCredentials
from datadog_api_client.exceptions import ApiException, NotFoundException
from datadog_api_client.v2.api.key_management_api import KeyManagementApi
from datadog_api_client.v2.api.roles_api import RolesApi
from datadog_api_client.v2.api.service_accounts_api import ServiceAccountsApi
from datadog_api_client.v2.api.teams_api import TeamsApi
from datadog_api_client.v2.api.users_api import UsersApi
from datadog_api_client.v2.model.api_key_create_request import APIKeyCreateRequest
from datadog_api_client.v2.model.api_key_update_request import APIKeyUpdateRequest
from datadog_api_client.v2.model.application_key_create_request import ApplicationKeyCreateRequest
from datadog_api_client.v2.model.application_key_update_request import ApplicationKeyUpdateRequest
from datadog_api_client.v2.model.relationship_to_permission import RelationshipToPermission
from datadog_api_client.v2.model.relationship_to_user import RelationshipToUser
from datadog_api_client.v2.model.role_clone_request import RoleCloneRequest
from datadog_api_client.v2.model.role_create_request import RoleCreateRequest
from datadog_api_client.v2.model.role_update_request import RoleUpdateRequest
from datadog_api_client.v2.model.service_account_create_request import ServiceAccountCreateRequest
from datadog_api_client.v2.model.team_create_request import TeamCreateRequest
from datadog_api_client.v2.model.team_update_request import TeamUpdateRequest
from datadog_api_client.v2.model.user_create_request import UserCreateRequest
from datadog_api_client.v2.model.user_invitations_request import UserInvitationsRequest
from datadog_api_client.v2.model.user_team_request import UserTeamRequest
from datadog_api_client.v2.model.user_team_update_request import UserTeamUpdateRequest
from datadog_api_client.v2.model.user_update_request import UserUpdateRequest


def document(kind: str, attributes: dict, **others) -> dict:
    return {"data": {"type": kind, "attributes": attributes, **others}}


def link(kind: str, an_id: str) -> dict:
    return {"data": {"type": kind, "id": an_id}}


def links(kind: str, ids: list) -> dict:
    return {"data": [{"type": kind, "id": an_id} for an_id in ids]}


def email() -> str:
    return f"{support.unique('person')}@example.com"


class WithKeys(unittest.TestCase):
    """Authenticated by the key pair."""

    @classmethod
    def setUpClass(cls):
        cls.client = cls.connect()
        cls.roles, cls.users = RolesApi(cls.client), UsersApi(cls.client)
        cls.accounts, cls.keys = ServiceAccountsApi(cls.client), KeyManagementApi(cls.client)
        cls.teams = TeamsApi(cls.client)

    @classmethod
    def connect(cls):
        return support.client_with_keys()

    def refused(self, status: int, call, *args, **kwargs) -> str:
        with self.assertRaises(ApiException) as caught:
            call(*args, **kwargs)
        self.assertEqual(caught.exception.status, status, caught.exception)
        return json.dumps(caught.exception.body)

    def removed_at_the_end(self, path: str):
        self.addCleanup(support.api, "DELETE", path, support.keys())

    def permission(self, name: str) -> str:
        return next(row.id for row in self.roles.list_permissions().data if row.attributes.name == name)

    def make_role(self, *permissions: str):
        related = {"permissions": links("permissions", [self.permission(name) for name in permissions])}
        request = RoleCreateRequest(**document("roles", {"name": support.unique("role")}, relationships=related))
        made = self.roles.create_role(body=request).data
        self.removed_at_the_end(f"/api/v2/roles/{made.id}")
        return made

    def make_account(self, *roles: str):
        attributes = {"email": email(), "name": "Bot", "service_account": True}
        related = {"roles": links("roles", list(roles))}
        request = ServiceAccountCreateRequest(**document("users", attributes, relationships=related))
        made = self.accounts.create_service_account(body=request).data
        self.removed_at_the_end(f"/api/v2/users/{made.id}")
        return made

    def make_user(self):
        request = UserCreateRequest(**document("users", {"email": email(), "name": "Ann"}))
        made = self.users.create_user(body=request).data
        self.removed_at_the_end(f"/api/v2/users/{made.id}")
        return made

    def test_a_role_as_terraform_keeps_it(self):
        # `datadog_role`: list permissions (every plan), create, get, update, delete, get.
        made = self.make_role("teams_manage")
        got = self.roles.get_role(made.id).data
        self.assertEqual(got.attributes.name, made.attributes.name)
        self.assertEqual(got.attributes.user_count, 0)
        self.assertIn(self.permission("teams_manage"), [row.id for row in got.relationships.permissions.data])
        name = support.unique("role")
        related = {"permissions": links("permissions", [self.permission("audit_logs_read")])}
        request = RoleUpdateRequest(**document("roles", {"name": name}, id=made.id, relationships=related))
        changed = self.roles.update_role(made.id, body=request).data
        self.assertEqual(changed.attributes.name, name)
        held = [row.attributes.name for row in self.roles.list_role_permissions(made.id).data]
        self.assertIn("audit_logs_read", held)
        self.assertNotIn("teams_manage", held)
        self.roles.delete_role(made.id)
        with self.assertRaises(NotFoundException):
            self.roles.get_role(made.id)

    def test_what_else_a_role_can_do(self):
        made = self.make_role()
        found = self.roles.list_roles(filter=made.attributes.name, page_size=100, page_number=0)
        self.assertEqual([row.id for row in found.data], [made.id])
        self.assertEqual(found.meta.page.total_filtered_count, 1)
        granted = RelationshipToPermission(**link("permissions", self.permission("teams_manage")))
        listed = self.roles.add_permission_to_role(made.id, body=granted).data
        self.assertIn("teams_manage", [row.attributes.name for row in listed])
        clone = RoleCloneRequest(**document("roles", {"name": support.unique("clone")}))
        cloned = self.roles.clone_role(made.id, body=clone).data
        self.removed_at_the_end(f"/api/v2/roles/{cloned.id}")
        self.assertEqual(len(cloned.relationships.permissions.data), len(listed))
        left = self.roles.remove_permission_from_role(made.id, body=granted).data
        self.assertNotIn("teams_manage", [row.attributes.name for row in left])
        self.refused(409, self.roles.clone_role, made.id, body=RoleCloneRequest(
            **document("roles", {"name": made.attributes.name})))

    def test_a_user_as_terraform_keeps_it(self):
        # `datadog_user`: create, invite, get, update, delete; on 409 it looks the user up and enables them.
        made = self.make_user()
        self.assertEqual((made.attributes.status, made.attributes.verified), ("Pending", False))
        relationship = {"user": link("users", made.id)}
        request = UserInvitationsRequest(data=[{"type": "user_invitations", "relationships": relationship}])
        invitation = self.users.send_invitations(body=request).data[0]
        self.assertEqual(self.users.get_invitation(invitation.id).data.attributes.uuid, invitation.id)
        self.assertEqual(self.users.get_user(made.id).data.attributes.email, made.attributes.email)
        request = UserUpdateRequest(**document("users", {"name": "Ann Example"}, id=made.id))
        self.assertEqual(self.users.update_user(made.id, body=request).data.attributes.name, "Ann Example")
        self.users.disable_user(made.id)
        self.assertTrue(self.users.get_user(made.id).data.attributes.disabled)
        self.refused(404, self.users.disable_user, made.id)
        again = UserCreateRequest(**document("users", {"email": made.attributes.email}))
        self.assertIn("already exists", self.refused(409, self.users.create_user, body=again))
        found = self.users.list_users(filter=made.attributes.email).data
        self.assertEqual([row.id for row in found], [made.id])
        request = UserUpdateRequest(**document("users", {"disabled": False}, id=made.id))
        self.assertFalse(self.users.update_user(made.id, body=request).data.attributes.disabled)
        self.assertEqual(self.users.list_user_organizations(made.id).included[0].type.value, "orgs")
        self.assertEqual(self.users.list_user_permissions(made.id).data, [])

    def test_a_service_account_as_terraform_keeps_it(self):
        # `datadog_service_account`: create, get, update, give and take roles, delete.
        role = self.make_role("teams_manage")
        made = self.make_account()
        self.assertEqual(made.attributes.handle, made.id)
        self.assertEqual(self.users.get_user(made.id).data.attributes.status, "Active")
        request = UserUpdateRequest(**document("users", {"name": "Robot"}, id=made.id))
        self.assertEqual(self.users.update_user(made.id, body=request).data.attributes.name, "Robot")
        holder = RelationshipToUser(**link("users", made.id))
        self.assertEqual([row.id for row in self.roles.add_user_to_role(role.id, body=holder).data], [made.id])
        self.assertEqual([row.id for row in self.roles.list_role_users(role.id).data], [made.id])
        held = self.users.get_user(made.id).data.relationships.roles.data
        self.assertEqual([row.id for row in held], [role.id])
        self.assertEqual(self.roles.remove_user_from_role(role.id, body=holder).data, [])
        self.users.disable_user(made.id)
        self.assertEqual(self.users.get_user(made.id).data.attributes.status, "Disabled")

    def test_an_application_key_of_a_service_account(self):
        # `datadog_service_account_application_key`
        made = self.make_account(self.make_role("teams_manage").id)
        attributes = {"name": "ci", "scopes": ["teams_manage"]}
        request = ApplicationKeyCreateRequest(**document("application_keys", attributes))
        key = self.accounts.create_service_account_application_key(made.id, body=request).data
        pair = {"DD-API-KEY": support.need("DD_API_KEY"), "DD-APPLICATION-KEY": key.attributes.key}
        self.assertEqual(support.api("GET", "/api/v2/current_user", pair).body["data"]["id"], made.id)
        self.assertEqual(support.api("GET", "/api/v2/roles", pair).status, 403)
        got = self.accounts.get_service_account_application_key(made.id, key.id).data
        self.assertEqual((got.attributes.last4, got.attributes.scopes), (key.attributes.key[-4:], ["teams_manage"]))
        listed = self.accounts.list_service_account_application_keys(made.id).data
        self.assertEqual([row.id for row in listed], [key.id])
        request = ApplicationKeyUpdateRequest(**document("application_keys", {"name": "cd"}, id=key.id))
        changed = self.accounts.update_service_account_application_key(made.id, key.id, body=request).data
        self.assertEqual(changed.attributes.name, "cd")
        self.accounts.delete_service_account_application_key(made.id, key.id)
        self.assertEqual(support.api("GET", "/api/v2/current_user", pair).status, 403)

    def test_an_api_key(self):
        # `datadog_api_key`: create, get, update, delete.
        request = APIKeyCreateRequest(**document("api_keys", {"name": support.unique("key")}))
        made = self.keys.create_api_key(body=request).data
        self.removed_at_the_end(f"/api/v2/api_keys/{made.id}")
        self.assertEqual(len(made.attributes.key), 32)
        self.assertEqual(support.api("GET", "/api/v1/validate", {"DD-API-KEY": made.attributes.key}).status, 200)
        got = self.keys.get_api_key(made.id).data
        self.assertEqual(got.attributes.last4, made.attributes.key[-4:])
        self.assertNotEqual(got.attributes.key, made.attributes.key)
        name = support.unique("key")
        request = APIKeyUpdateRequest(**document("api_keys", {"name": name}, id=made.id))
        self.assertEqual(self.keys.update_api_key(made.id, body=request).data.attributes.name, name)
        listed = self.keys.list_api_keys(filter=name).data
        self.assertEqual([row.id for row in listed], [made.id])
        self.keys.delete_api_key(made.id)
        self.assertEqual(support.api("GET", "/api/v1/validate", {"DD-API-KEY": made.attributes.key}).status, 403)
        with self.assertRaises(NotFoundException):
            self.keys.get_api_key(made.id)

    def test_an_application_key_of_ones_own(self):
        # `datadog_application_key`
        request = ApplicationKeyCreateRequest(**document("application_keys", {"name": support.unique("key")}))
        made = self.keys.create_current_user_application_key(body=request).data
        self.removed_at_the_end(f"/api/v2/application_keys/{made.id}")
        self.assertEqual(len(made.attributes.key), 40)
        self.assertEqual(self.keys.get_current_user_application_key(made.id).data.id, made.id)
        self.assertEqual(self.keys.get_application_key(made.id).data.attributes.last4, made.attributes.key[-4:])
        name = support.unique("key")
        request = ApplicationKeyUpdateRequest(**document("application_keys", {"name": name}, id=made.id))
        changed = self.keys.update_current_user_application_key(made.id, body=request).data
        self.assertEqual(changed.attributes.name, name)
        listed = self.keys.list_current_user_application_keys(filter=name).data
        self.assertEqual([row.id for row in listed], [made.id])
        self.keys.delete_current_user_application_key(made.id)
        self.refused(404, self.keys.get_application_key, made.id)

    def test_a_team_as_terraform_keeps_it(self):
        # `datadog_team`, `datadog_team_membership`
        name = support.unique("team")
        attributes = {"name": name, "handle": name, "description": "Who is on call"}
        made = self.teams.create_team(body=TeamCreateRequest(**document("team", attributes))).data
        self.removed_at_the_end(f"/api/v2/team/{made.id}")
        self.assertEqual(self.teams.get_team(made.id).data.attributes.handle, name)
        request = TeamUpdateRequest(**document("team", {"name": name + "-2", "handle": name}))
        self.assertEqual(self.teams.update_team(made.id, body=request).data.attributes.name, name + "-2")
        self.assertEqual([row.id for row in self.teams.list_teams(filter_keyword=name).data], [made.id])
        user = self.make_user()
        related = {"user": link("users", user.id)}
        request = UserTeamRequest(**document("team_memberships", {"role": "admin"}, relationships=related))
        self.assertEqual(self.teams.create_team_membership(made.id, body=request).data.attributes.role.value, "admin")
        members = self.teams.get_team_memberships(made.id).data
        self.assertEqual([row.relationships.user.data.id for row in members], [user.id])
        request = UserTeamUpdateRequest(**document("team_memberships", {"role": None}))
        changed = self.teams.update_team_membership(made.id, user.id, body=request).data
        self.assertIsNone(changed.attributes.role)
        self.assertEqual(len(self.teams.get_user_memberships(user.id).data), 1)
        self.teams.delete_team_membership(made.id, user.id)
        self.teams.delete_team(made.id)
        with self.assertRaises(NotFoundException):
            self.teams.get_team(made.id)

    def test_who_one_is(self):
        me = self.users.get_current_user().data
        self.assertEqual(me.attributes.email, support.ADMIN)
        self.assertEqual(me.relationships.org.data.id, support.need("DD_ORG_UUID"))
        self.assertEqual(self.users.get_user(me.id).data.id, me.id)

    def test_every_page_of_a_list(self):
        for _ in range(3):
            self.make_user()
        whole = list(self.users.list_users_with_pagination(page_size=2))
        total = self.users.list_users().meta.page.total_count
        self.assertEqual(len({row.id for row in whole}), total)
        self.assertEqual(len(whole), total)


class WithBearer(WithKeys):
    """The same by a delegated login that acts as the administrator: the client holds no keys at all."""

    @classmethod
    def setUpClass(cls):
        name = support.unique("admin")
        exact = f"arn:aws:sts::{support.ACCOUNT}:assumed-role/{support.ROLE}/{name}"
        body = document("aws_cloud_auth_config", {"account_identifier": support.ADMIN, "arn_pattern": exact})
        mapping = support.api("POST", support.PERSONA_MAPPINGS, support.keys(), body)
        assert mapping.status == 201, mapping
        one = f"{support.PERSONA_MAPPINGS}/{mapping.body['data']['id']}"
        cls.addClassCleanup(support.api, "DELETE", one, support.keys())
        given = boto3.client("sts").assume_role(RoleArn=support.ROLE_ARN, RoleSessionName=name)["Credentials"]
        cls.session = AWSCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        super().setUpClass()

    @classmethod
    def connect(cls):
        return support.client_with_aws(support.FixedAuth(cls.session))


if __name__ == "__main__":
    support.main()
