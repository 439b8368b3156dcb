"""`countersign agent` beside what it serves: the official client, a Kubernetes API, Prometheus's parser, a browser, a metadata service."""
import base64
import contextlib
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import agent_world
import aws_door
import chromium
import support
import yaml
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ForbiddenException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from kubernetes_api import APPLY, Authority, Cluster
from prometheus_client.parser import text_string_to_metric_families

ROLE = "DatadogAgentRole"
# As moto's metadata service hands them out, and `aws_door` in front of it.
OF_MOTO = {"access_key_id": "ASIAMOTO000000000000", "secret_access_key": "test-secret-key", "session_token": "test-session-token"}
NOBODY = "'11111111-2222-4333-8444-555555555555'"


class WithDev(unittest.TestCase):
    """Each test has a server of its own: here they change what everybody's key hangs on."""

    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)
        self.dev = self.cleanup.enter_context(agent_world.Dev())

    def agent(self, config: str, env: dict = None) -> agent_world.Agent:
        return self.cleanup.enter_context(agent_world.Agent(config, env or self.dev.for_agents()))

    def folder(self) -> pathlib.Path:
        return pathlib.Path(self.cleanup.enter_context(tempfile.TemporaryDirectory(prefix="countersign-agent-")))

    def is_valid(self, key: str) -> bool:
        """What the official client says of a key."""
        configuration = Configuration(host=self.dev.host, api_key={"apiKeyAuth": key})
        with ApiClient(configuration) as client:
            try:
                return AuthenticationApi(client).validate().valid
            except ForbiddenException:
                return False


class OfficialClient(WithDev):
    def mapping(self) -> dict:
        """The only one."""
        return self.dev.api("GET", support.INTAKE_MAPPINGS).body["data"][0]

    def test_a_key_that_is_refused_stays_until_there_is_another(self):
        agent = self.agent("socket = 's'\n" + self.dev.instance("main", key_file="'key'"))
        first = agent.key()
        self.assertTrue(self.is_valid(first))
        self.assertFalse(self.is_valid("0" * 32), "the client tells keys apart")
        self.assertEqual(agent.key_from_socket("s"), first)

        mapping = self.mapping()
        self.assertEqual(self.dev.api("DELETE", f"{support.INTAKE_MAPPINGS}/{mapping['id']}").status, 204)
        self.assertFalse(self.is_valid(first))
        self.nudge(agent)
        told = agent.until("the refusal", lambda one: one["last_error"])
        self.assertIn("no identity mapping", told["last_error"])
        self.assertEqual((told["state"], told["failures"]), ("active", 1))
        self.assertEqual((agent.key(), agent.key_from_socket("s")), (first, first))

        made = {"data": {"type": mapping["type"], "attributes": {"arn_pattern": mapping["attributes"]["arn_pattern"]}}}
        self.assertEqual(self.dev.api("POST", support.INTAKE_MAPPINGS, made).status, 201)
        self.nudge(agent)
        second = agent_world.until("another key", lambda: agent.key() != first and agent.key(), agent.tells)
        told = agent.until("all is well", lambda one: not one["last_error"])
        self.assertEqual((told["refreshes"], told["key_changes"]), (2, 2))
        self.assertTrue(self.is_valid(second))
        self.assertEqual(agent.key_from_socket("s"), second)

    def nudge(self, agent: agent_world.Agent):
        done = agent.run("refused", "--socket", "s", "main")
        self.assertEqual(done.returncode, 0, done.stderr)


class Kubernetes(WithDev):
    """A Secret, by server-side apply."""

    def setUp(self):
        super().setUp()
        self.account = self.folder()
        self.cluster = self.cleanup.enter_context(Cluster(self.folder()))
        self.mount("token", self.cluster.token + "\n")
        self.mount("ca.crt", self.cluster.authority.certificate)
        self.mount("namespace", Cluster.NAMESPACE)
        self.secret = (Cluster.NAMESPACE, "agent")

    def mount(self, name: str, content: str):
        (self.account / name).write_text(content)

    def config(self, **more: str) -> str:
        secret = f"{{ name = 'agent', entry = 'api-key', service_account = '{self.account}' }}"
        return self.dev.instance("main", key_file="'key'", kubernetes_secret=secret, **more)

    def pod(self, config: str) -> agent_world.Agent:
        server = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.cluster.port)}
        return self.agent(config, {**self.dev.for_agents(), **server})

    def entry(self) -> str:
        return base64.b64decode(self.cluster.secrets.get(self.secret, {}).get("api-key", "")).decode()

    def test_the_entry_is_written_with_the_token_of_the_moment_and_others_stay(self):
        kept = base64.b64encode(b"theirs").decode()
        self.cluster.secrets[self.secret] = {"other": kept, "api-key": kept}
        self.cluster.owners[self.secret] = {"other": "helm", "api-key": "helm"}
        agent = self.pod(self.config())
        key = agent.key()
        agent_world.until("the entry", lambda: self.entry() == key, agent.tells)
        # Renewed, and the old one ends: what is written next goes by the new one.
        self.cluster.token = "second-token"
        self.mount("token", "second-token")
        self.cluster.secrets[self.secret]["api-key"] = kept
        agent.reload(self.config(refresh_interval_mins="61"))
        agent_world.until("the entry again", lambda: self.entry() == key, agent.tells)
        self.assertEqual(self.cluster.secrets[self.secret]["other"], kept)

        first, second = self.cluster.writes()
        self.assertEqual([first.authorization, second.authorization], ["Bearer first-token", "Bearer second-token"])
        self.assertEqual((first.method, first.path), ("PATCH", "/api/v1/namespaces/telemetry/secrets/agent"))
        self.assertEqual(first.query, {"fieldManager": "countersign-agent", "force": "true"})
        self.assertEqual(first.content_type, APPLY)
        self.assertEqual(first.body["data"], {"api-key": base64.b64encode(key.encode()).decode()})
        self.assertTrue(self.is_valid(key))

    def test_a_secret_that_is_not_there_is_made(self):
        agent = self.pod(self.config())
        agent_world.until("the Secret", lambda: self.entry() == agent.key(), agent.tells)
        self.assertEqual(list(self.cluster.secrets[self.secret]), ["api-key"])

    def test_without_the_right_to_it_the_status_names_the_rights(self):
        self.cluster.forbids = True
        told = self.refused()
        for word in ("403", "`patch`", "`create`", "`telemetry`"):
            self.assertIn(word, told)
        self.assertEqual(self.cluster.secrets, {})

    def test_a_token_that_is_not_known_is_named(self):
        self.mount("token", "another")
        self.assertIn("401", self.refused())

    def test_a_server_of_another_authority_is_told_nothing(self):
        self.mount("ca.crt", Authority().certificate)
        told = self.refused()
        self.assertIn("certificate", told)
        self.assertEqual(self.cluster.asked, [])
        agent_world.until("a handshake that failed", lambda: self.cluster.broken_handshakes)

    def refused(self) -> str:
        """What the status says of the Secret; the file has the key all the same."""
        agent = self.pod(self.config())
        told = agent.until("the problem", lambda one: one["output_error"])
        self.assertTrue(self.is_valid(agent.key()))
        for secret in (self.cluster.token, agent.key()):
            self.assertNotIn(secret, agent.tells())
        return told["output_error"]

    def test_kubectl_takes_the_same_manifest_and_asks_in_the_same_words(self):
        kubectl = shutil.which("kubectl")
        if not kubectl:
            return print("kubectl is not in PATH: what it makes of the Secret was not looked at")
        agent = self.pod(self.config())
        agent_world.until("the Secret", self.entry, agent.tells)
        ours = self.cluster.writes()[0]
        (self.account / "kubeconfig").write_text(yaml.safe_dump(self.kubeconfig()))
        run = lambda *words, manifest=None: subprocess.run(
            [kubectl, *words], env=agent_world.environment(KUBECONFIG=str(self.account / "kubeconfig"), HOME=str(self.account)),
            input=manifest, capture_output=True, text=True, timeout=60)

        manifest = json.dumps(ours.body)
        done = run("create", "--dry-run=client", "--validate=false", "-f", "-", "-o", "name", manifest=manifest)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, "secret/agent"), done.stderr)
        done = run("get", "secret", "agent", "-o", "jsonpath={.data.api-key}")
        self.assertEqual(base64.b64decode(done.stdout).decode(), agent.key(), done.stderr)
        done = run("apply", "--server-side", "--force-conflicts", "--field-manager=countersign-agent", "--validate=false", "-f", "-",
                   manifest=manifest)
        self.assertEqual(done.returncode, 0, done.stderr)
        theirs = self.cluster.writes()[1]
        self.assertEqual((theirs.method, theirs.path, theirs.content_type), (ours.method, ours.path, ours.content_type))
        self.assertLessEqual(ours.query.items(), theirs.query.items())
        self.assertEqual(theirs.body["data"], ours.body["data"])

    def kubeconfig(self) -> dict:
        cluster = {"server": f"https://127.0.0.1:{self.cluster.port}", "certificate-authority": str(self.account / "ca.crt")}
        context = {"cluster": "it", "user": "it", "namespace": Cluster.NAMESPACE}
        return {"apiVersion": "v1", "kind": "Config", "current-context": "it",
                "clusters": [{"name": "it", "cluster": cluster}], "contexts": [{"name": "it", "context": context}],
                "users": [{"name": "it", "user": {"tokenFile": str(self.account / "token")}}]}


class Seen(WithDev):
    """The page and the metrics, of instances that stand differently."""

    def setUp(self):
        super().setUp()
        self.fallback = self.folder() / "fallback"
        self.fallback.touch(0o600)
        self.fallback.write_text("fallback-key-of-the-test")
        away = {"url": "'http://127.0.0.1:1'", "org": NOBODY}
        self.running = self.agent(
            "listen = '127.0.0.1:0'\n" + self.dev.instance("main", key_file="'key'")
            + self.dev.instance("fall \"back\\", key_file="'fallback'", fallback_key_file=f"'{self.fallback}'", **away)
            + self.dev.instance("away", key_file="'nothing'", **away))
        self.states = {"main": "active", "fall \"back\\": "fallback", "away": "pending"}
        for name, state in self.states.items():
            self.running.until(state, lambda one: one["state"] == state and (name == "main" or one["failures"]), name)
        self.url = self.running.page()


class Prometheus(Seen):
    def test_its_own_parser_reads_the_metrics(self):
        answer = support.send("GET", f"{self.url}/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        families = {family.name: family for family in text_string_to_metric_families(answer.body)}
        for name, family in families.items():
            with self.subTest(family=name):
                self.assertTrue(name.startswith("countersign_agent_"))
                self.assertIn(family.type, ("gauge", "counter"))
                self.assertTrue(family.documentation)
                self.assertTrue(family.samples)
                suffix = "_total" if family.type == "counter" else ""
                self.assertEqual({sample.name for sample in family.samples}, {name + suffix})
                self.assertFalse(name.endswith("_total"))
                places = [tuple(sorted(sample.labels.items())) for sample in family.samples]
                self.assertEqual(len(places), len(set(places)), "no sample stands there twice")
        self.one_state_each(families["countersign_agent_state"])
        self.counts_are_those_of_the_status(families["countersign_agent_exchanges"])
        self.assertNotIn(self.running.key(), answer.body)

    def one_state_each(self, family):
        held = {}
        for sample in family.samples:
            self.assertIn(sample.value, (0, 1))
            held.setdefault(sample.labels["instance_name"], []).extend([sample.labels["state"]] * int(sample.value))
        self.assertEqual(held, {name: [state] for name, state in self.states.items()})
        self.assertEqual(len(family.samples), 9)

    def counts_are_those_of_the_status(self, family):
        told = support.send("GET", f"{self.url}/status").body["instances"]
        counted = {(sample.labels["instance_name"], sample.labels["outcome"]): sample.value for sample in family.samples}
        for one in told:
            self.assertEqual(counted[one["name"], "success"], one["refreshes"])
            # It may have failed once more since.
            self.assertIn(one["failures"] - counted[one["name"], "failure"], (0, 1))


class Browser(Seen):
    def setUp(self):
        super().setUp()
        self.chromium = chromium.launch(self.cleanup)

    def look(self, name: str, **options):
        """The page, and what Chromium asked for and complained of."""
        context = self.chromium.new_context(**options)
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(chromium.TIMEOUT_MS)
        asked, complaints = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(self.url + "/", wait_until="networkidle")
        chromium.picture(name, page)
        self.assertEqual(complaints, [])
        self.assertEqual(set(asked), {f"{self.url}/", f"{self.url}/style.css"})
        self.assertEqual(page.evaluate(chromium.BROKEN_WORDS), [])
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.assertEqual(too_wide, 0)
        return page

    def test_the_page_shows_every_instance_light_and_dark(self):
        seen = {}
        for scheme in ("light", "dark"):
            page = self.look(f"agent-{scheme}", color_scheme=scheme)
            rows = [row.split("\t") for row in page.locator("tbody tr").all_inner_texts()]
            self.assertEqual({row[0]: row[1].removeprefix("● ") for row in rows}, self.states)
            self.assertEqual(page.title(), "1 of 3 active · Countersign agent")
            self.assertIn("THE FALLBACK KEY IS IN USE", page.locator("table").inner_text())
            self.assertNotIn(self.running.key(), page.content())
            seen[scheme] = page.evaluate("getComputedStyle(document.body).color")
            for text, contrast in page.evaluate(chromium.CONTRASTS):
                self.assertGreaterEqual(contrast, 4.5, f"{scheme}: {text}")
        self.assertNotEqual(seen["light"], seen["dark"])

    def test_it_fits_a_tablet_and_a_telephone(self):
        for width in (1024, 970, 950, 390):
            with self.subTest(width=width):
                page = self.look(f"agent-{width}", viewport={"width": width, "height": 844})
                # Where there are no columns, each value says what it is.
                self.assertEqual(page.locator("thead").is_visible(), width > 960)
                said = page.locator("tbody td:nth-child(3)").first.evaluate("cell => getComputedStyle(cell, '::before').content")
                self.assertEqual("last refresh" in said, width <= 960, said)


class MetadataService(WithDev):
    """moto's, behind the session tokens of IMDSv2."""

    def setUp(self):
        super().setUp()
        self.door = self.cleanup.enter_context(aws_door.Door())

    def on_ec2(self) -> agent_world.Agent:
        """No credentials, no Region, nothing but that service."""
        env = agent_world.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=f"{self.door.host}/imds")
        return self.agent(self.dev.instance("main", key_file="'key'"), env)

    def know_the_role_of_moto(self):
        """To the local STS its session is one of the role that the intake mapping is for."""
        role = {"name": ROLE, "sessions": [{"name": "i-0123456789abcdef0", **OF_MOTO}]}
        fixture = {"accounts": [{"id": support.ACCOUNT, "roles": [role]}]}
        sts = self.dev.exports["AWS_ENDPOINT_URL_STS"]
        self.assertEqual(support.send("PUT", f"{sts}/_control/fixture", None, fixture).status, 200)

    def test_credentials_and_region_from_there_give_a_key(self):
        self.know_the_role_of_moto()
        agent = self.on_ec2()
        told = agent.until("a key", lambda one: one["state"] == "active")
        self.assertEqual((told["credentials_from"], told["region"]), ("IMDS", "us-east-1"))
        self.assertTrue(self.is_valid(agent.key()))
        self.assertTrue(self.door.tokens, "by a session token of version 2")
        self.assertNotIn("test-se", agent.tells())

    def test_credentials_that_sts_does_not_know_are_told_with_their_source(self):
        told = self.on_ec2().until("the refusal", lambda one: one["last_error"])
        self.assertEqual((told["state"], told["credentials_from"], told["region"]), ("pending", "IMDS", "us-east-1"))
        self.assertIn("sts does not know the access key", told["last_error"])
        self.assertIn("AWS credentials from IMDS", told["last_error"])


if __name__ == "__main__":
    support.main()
