"""`schemathesis` asks our OpenAPI document for requests, and holds the answers against it.

One test for each operation: no server error, no status, media type or body that the document does not have. The requests are those of
the document's edge cases, of bounded chance under a fixed seed, and of chains from what one answer holds to where it is taken.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import support

HERE = pathlib.Path(__file__).resolve().parent
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
EXAMPLES = 8
SEED = 1
# What the run is to leave as it found it; each is a list.
LISTS = [
    "/api/v2/users?page[size]=5000",
    "/api/v2/api_keys?page[size]=5000",
    "/api/v2/application_keys?page[size]=5000",
    "/api/v2/roles?page[size]=5000",
    "/api/v2/integration/aws/accounts",
    support.PERSONA_MAPPINGS,
    support.INTAKE_MAPPINGS,
]
METHODS = ("get", "post", "put", "patch", "delete")


def protected() -> str:
    """Ids and handles of everything that is there before the run."""
    words = set()
    for path in LISTS:
        answer = support.api("GET", path.replace("[", "%5B").replace("]", "%5D"), support.keys())
        assert answer.status == 200, answer
        for row in answer.body["data"]:
            words.add(row["id"])
            words.add(row["attributes"].get("handle") or row["id"])
    return " ".join(sorted(words))


def run() -> dict:
    """The report of one run."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        words = [sys.executable, "-m", "schemathesis.cli", "run", support.need("DD_HOST") + "/openapi.json"]
        for name, value in support.keys().items():
            words += ["--header", f"{name}: {value}"]
        words += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing,stateful", "--warnings", "off"]
        words += ["--max-examples", str(EXAMPLES), "--seed", str(SEED), "--no-shrink", "--continue-on-failure"]
        words += ["--report", "json", "--report-json-path", str(report)]
        words += ["--generation-database", "none"]
        surroundings = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "openapi_hooks",
            "PYTHONPATH": str(HERE),
            "COUNTERSIGN_PROTECTED": protected(),
            "NO_COLOR": "1",
        }
        ran = subprocess.run(words, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=240)
        # What failed, with a request for `curl`.
        print(ran.stdout[-40_000:])
        assert report.exists(), f"schemathesis wrote no report (exit {ran.returncode}):\n{ran.stdout}\n{ran.stderr}"
        return json.loads(report.read_text())


class Operations(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.report = run()

    def test_the_run_was_whole(self):
        self.assertEqual(self.report["stop_reason"], "completed")
        self.assertTrue(self.report["complete"])
        self.assertEqual(self.report["errors"], [])
        ran = self.report["operations"]
        self.assertEqual((ran["tested"], ran["errored"], ran["skipped"]), (ran["total"], 0, 0))
        self.assertEqual(self.report["phases"]["stateful"]["status"], "success")

    def test_the_run_made_things_and_went_on_from_them(self):
        # Otherwise only refusals would have been held against the document.
        for label in ("POST /api/v2/roles", "POST /api/v2/team", "POST /api/v2/api_keys", "POST /api/v2/users"):
            rates = self.report["valid_rates"][label]
            self.assertGreater(sum(phase["accepted"] for phase in rates.values()), 0, label)

    def test_the_run_has_not_locked_itself_out(self):
        self.assertEqual(support.api("GET", "/api/v2/current_user", support.keys()).status, 200)
        self.assertEqual(support.api("GET", "/api/v2/roles", support.keys()).status, 200)

    def failures_of(self, label: str) -> list:
        return [failure for failure in self.report["failures"] if label in failure["operations"]]


def add_tests() -> None:
    """One for each operation of the document."""
    document = support.send("GET", support.need("DD_HOST") + "/openapi.json").body
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method not in operations:
                continue
            label = f"{method.upper()} {path}"

            def test(self, label=label):
                self.assertEqual(self.failures_of(label), [], json.dumps(self.failures_of(label), indent=1))

            name = operations[method]["operationId"].replace(".", "_")
            setattr(Operations, f"test_{name}", test)


if __name__ == "__main__":
    add_tests()
    support.main()
