"""A `countersign dev` of the suite's own, and agents beside it."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
from typing import Any, Callable, Optional

import support


def until(what: str, look: Callable[[], Any], say: Callable[[], str] = str) -> Any:
    """What `look` gives, once that is something. `say` tells more when nothing comes."""
    deadline = time.monotonic() + 45
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: {say()}")


def read(path: pathlib.Path) -> str:
    """What is in it; nothing, where it is not there yet."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text()
    return ""


def environment(**more: str) -> dict:
    """The programs, a metadata service that is nobody, and nothing else of the test's own."""
    nobody = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1", "HOME": "/nonexistent"}
    return {"PATH": os.environ["PATH"], **nobody, **more}


class Dev:
    """Server and STS with fresh data, on free ports, from `with` until its end."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="countersign-dev-")
        folder = pathlib.Path(self.folder.name)
        command = [support.need("COUNTERSIGN_TEST_BIN"), "dev", "--listen", "127.0.0.1:0", "--sts-listen", "127.0.0.1:0"]
        command += ["--data", str(folder / "data"), "--env-file", str(folder / "env")]
        with open(folder / "log", "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment())
        try:
            text = until("`countersign dev` starts", lambda: self._exports(folder), lambda: read(folder / "log"))
        except AssertionError:
            self.__exit__()
            raise
        self.exports = support.exports(text)
        self.host, self.org = self.exports["DD_HOST"], self.exports["DD_ORG_UUID"]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(support.TIMEOUT)
        self.folder.cleanup()

    @staticmethod
    def _exports(folder: pathlib.Path) -> Optional[str]:
        """Half a file is not ready."""
        text = read(folder / "env")
        return text if text.endswith("\n") else None

    def api(self, method: str, path: str, body: Any = None) -> support.Answer:
        """As the administrator."""
        keys = {"DD-API-KEY": self.exports["DD_API_KEY"], "DD-APPLICATION-KEY": self.exports["DD_APP_KEY"]}
        return support.send(method, self.host + path, keys, body)

    def for_agents(self) -> dict:
        """The environment of a host whose credentials the intake mapping is for."""
        theirs = {name.removeprefix("AGENT_"): value for name, value in self.exports.items() if name.startswith("AGENT_")}
        return environment(**theirs, AWS_ENDPOINT_URL_STS=self.exports["AWS_ENDPOINT_URL_STS"])

    def instance(self, name: str, **more: str) -> str:
        """An `[[instance]]` of a configuration; values are TOML."""
        lines = {"name": f"'{name}'", "url": f"'{self.host}'", "org": f"'{self.org}'", **more}
        return "[[instance]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


class AtSocket(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: pathlib.Path):
        super().__init__("localhost", timeout=support.TIMEOUT)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Agent:
    """`countersign agent` by a configuration, in a folder of its own, from `with` until its end."""

    def __init__(self, config: str, env: dict):
        self.config, self.env = config, env

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="countersign-agent-")
        self.folder = pathlib.Path(self._folder.name)
        self.configure(self.config)
        command = [support.need("COUNTERSIGN_TEST_BIN"), "agent", "--config", "agent.toml", "--state-file", "state.json"]
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=self.env, stdout=log, stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(support.TIMEOUT)
        self._folder.cleanup()

    def configure(self, config: str):
        (self.folder / "agent.toml").write_text(config)

    def reload(self, config: str):
        self.configure(config)
        self.process.send_signal(signal.SIGHUP)

    def run(self, *words: str) -> subprocess.CompletedProcess:
        """Another of its commands, in the same folder."""
        command = [support.need("COUNTERSIGN_TEST_BIN"), "agent", *words]
        return subprocess.run(command, cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=60)

    def status(self) -> dict:
        """Each instance's, by its name. Empty before there is any."""
        with contextlib.suppress(json.JSONDecodeError):
            told = json.loads(self.run("status", "--state-file", "state.json", "--output", "json").stdout)
            return {one["name"]: one for one in told["instances"]}
        return {}

    def until(self, what: str, wanted: Callable[[dict], bool], name: str = "main") -> dict:
        """The status of this instance, once it is as wanted."""
        def look():
            one = self.status().get(name)
            return one if one and wanted(one) else None
        return until(what, look, self.tells)

    def tells(self) -> str:
        return f"{json.dumps(self.status(), indent=1)}\n{read(self.folder / 'log')}"

    def key(self, name: str = "key") -> str:
        """What is in this file, once it is there."""
        return until(f"a key in `{name}`", lambda: read(self.folder / name), self.tells)

    def key_from_socket(self, path: str, name: str = "main") -> str:
        with contextlib.closing(AtSocket(self.folder / path)) as connection:
            connection.request("GET", f"/keys/{name}")
            answer = connection.getresponse()
            said = (answer.status, answer.getheader("X-Countersign-Key-Source"), answer.read().decode())
            assert said[:2] == (200, "managed"), said[:2]
            return said[2]

    def page(self) -> str:
        """The address of its status page, as its log tells it."""
        look = lambda: re.search("the status page is (http://[^/]+)/", read(self.folder / "log"))
        return until("the page's address", look, self.tells).group(1)
