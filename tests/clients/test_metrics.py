"""Prometheus's own Python client reads the counts of a `countersign serve`."""
import contextlib
import http.client
import pathlib
import subprocess
import tempfile
import unittest

from prometheus_client.parser import text_string_to_metric_families

import support

FAMILIES = {
    "countersign_build_info": ("gauge", [{"version"}]),
    "countersign_exchanges": ("counter", [{"kind", "outcome"}]),
    "countersign_gate_verifications": ("counter", [{"outcome"}]),
    "countersign_intake_requests": ("counter", [{"outcome"}]),
}


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cleanup = contextlib.ExitStack()
        cls.addClassCleanup(cls.cleanup.close)
        folder = pathlib.Path(cls.cleanup.enter_context(tempfile.TemporaryDirectory(prefix="countersign-metrics-")))
        key, config = folder / "master.key", folder / "countersign.toml"
        subprocess.run([support.need("COUNTERSIGN_TEST_BIN"), "init", "--master-key-file", str(key)], check=True, capture_output=True)
        port, cls.port = support.free_port(), support.free_port()
        config.write_text(
            f'listen = "127.0.0.1:{port}"\nstore = "memory"\nmaster_key_file = "{key}"\n'
            f'[metrics]\nlisten = "127.0.0.1:{cls.port}"\n'
        )
        cls.server = support.Served(config, f"http://127.0.0.1:{port}")
        cls.cleanup.callback(cls.server.stop)

    def families(self) -> dict:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=support.TIMEOUT)) as connection:
            connection.request("GET", "/metrics")
            response = connection.getresponse()
            self.assertEqual(response.status, 200)
            self.assertEqual(response.getheader("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
            return {family.name: family for family in text_string_to_metric_families(response.read().decode())}

    def test_every_family_has_its_type_its_help_and_its_labels(self):
        families = self.families()
        self.assertEqual({name: family.type for name, family in families.items()}, {n: kind for n, (kind, _) in FAMILIES.items()})
        for name, family in families.items():
            self.assertTrue(family.documentation, name)
            self.assertTrue(family.samples, name)
            for sample in family.samples:
                self.assertIn(set(sample.labels), FAMILIES[name][1])
                self.assertEqual(sample.name, name + ("_total" if family.type == "counter" else ""))
            seen = [tuple(sorted(sample.labels.items())) for sample in family.samples]
            self.assertEqual(len(seen), len(set(seen)), f"{name} says something twice")

    def test_a_refused_exchange_is_one_more(self):
        def refused() -> float:
            samples = self.families()["countersign_exchanges"].samples
            return next(s.value for s in samples if s.labels == {"kind": "key", "outcome": "refused"})

        before = refused()
        self.assertEqual(support.exchange("nonsense", "/api/v2/intake-key", self.server.host).status, 400)
        self.assertEqual(refused(), before + 1)


if __name__ == "__main__":
    support.main()
