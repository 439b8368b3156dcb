"""Real proxies in front of a service that knows nothing of us, each by the example that we hand out."""
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

import support

EXAMPLES = pathlib.Path(__file__).parents[2] / "crates/countersign-server/examples"


class Service(http.server.BaseHTTPRequestHandler):
    """Knows nothing of Countersign: answers with the headers that came."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        """The tests' output is the log."""


@contextlib.contextmanager
def service():
    """Runs it; its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def adapted(example: str, ports: dict, changes: dict) -> str:
    """An example's text with other ports and other words. What is to be changed has to be there."""
    text = (EXAMPLES / example).read_text()
    ours = urllib.parse.urlsplit(support.need("DD_HOST"))
    for shown, real in {"8400": ours.port, **ports}.items():
        forms = [f"127.0.0.1:{shown}", f"address: 127.0.0.1, port_value: {shown} "]
        assert any(form in text for form in forms), f"{example} does not name port {shown}"
        for form in forms:
            text = text.replace(form, form.replace(shown, str(real)))
    for old, new in changes.items():
        assert old in text, f"{example} does not say {old}"
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def running(command: list, url: str, log: pathlib.Path):
    """A proxy, from when it answers by its configuration."""
    with open(log, "w+") as output:
        proxy = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + support.TIMEOUT
            while not answers(url):
                if time.monotonic() > deadline or proxy.poll() is not None:
                    raise AssertionError(f"`{command[0]}` did not start: {log.read_text()[-4000:]}")
                time.sleep(0.02)
            yield
        finally:
            proxy.terminate()
            proxy.wait(support.TIMEOUT)


def answers(url: str) -> bool:
    # Traefik listens before it has read its routes.
    with contextlib.suppress(OSError):
        return support.send("GET", url).status != 404
    return False


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="countersign-gate-") as name:
        # nginx gives its temporary files to a user who is not root.
        pathlib.Path(name).chmod(0o755)
        yield pathlib.Path(name)


def program(name: str, variable: str) -> str:
    """Where the environment says, or in `PATH`: `cargo xtask test` puts the programs of the requirements first."""
    found = os.environ.get(variable) or shutil.which(name)
    assert found, f"there is no program `{name}`; {variable} may say where it is"
    return found


def nginx_command(place: pathlib.Path, config: pathlib.Path) -> list:
    # Debian's package puts it where only root looks.
    there = os.environ.get("COUNTERSIGN_TEST_NGINX") or shutil.which("nginx") or "/usr/sbin/nginx"
    return [there, "-p", str(place), "-e", "stderr", "-c", str(config)]


# Nobody is asked again for as long as the example says.
CACHE_SECONDS = 5
CACHED = {"auth_request /_gate;": "auth_request /_gate_cached;"}


@contextlib.contextmanager
def nginx(service_port: int, changes: dict = {}, given=None):
    """nginx by its example, in a folder that may be given; its URL."""
    port = support.free_port()
    with contextlib.nullcontext(given) if given else folder() as place:
        config = place / "nginx.conf"
        config.write_text(adapted("nginx.conf", {"8480": port, "8481": service_port}, changes))
        with running(nginx_command(place, config), f"http://127.0.0.1:{port}", place / "log"):
            yield f"http://127.0.0.1:{port}"


def nginx_cached(service_port: int):
    """The same, asking the gate that nginx remembers the answers of."""
    assert f"cache={CACHE_SECONDS};" in (EXAMPLES / "nginx.conf").read_text()
    return nginx(service_port, CACHED)


@contextlib.contextmanager
def nginx_dev(page_port: int):
    """nginx with its page, as newcomers start it; its URL."""
    port = support.free_port()
    with folder() as place:
        config = place / "nginx-dev.conf"
        config.write_text(adapted("nginx-dev.conf", {"8403": port, "8404": page_port}, {}))
        with running(nginx_command(place, config), f"http://127.0.0.1:{port}", place / "log"):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def envoy(service_port: int, changes: dict = {}):
    """Envoy by its example; its URL."""
    port = support.free_port()
    with folder() as place:
        config = place / "envoy.yaml"
        config.write_text(adapted("envoy.yaml", {"8480": port, "8481": service_port}, changes))
        command = [program("envoy", "COUNTERSIGN_TEST_ENVOY"), "-c", str(config), "--concurrency", "1",
                   "--disable-hot-restart", "--log-level", "warning"]
        with running(command, f"http://127.0.0.1:{port}", place / "log"):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def traefik(service_port: int, changes: dict = {}):
    """Traefik by its example, with the options that the example's head names; its URL."""
    port = support.free_port()
    with folder() as place:
        config = place / "traefik.yaml"
        text = adapted("traefik.yaml", {"8480": port, "8481": service_port}, changes)
        config.write_text(text)
        said = next(line for line in text.splitlines() if line.startswith("# Try it: traefik "))
        options = said.removeprefix("# Try it: traefik ").replace("=traefik.yaml", f"={config}").split()
        options += ["--global.checkNewVersion=false", "--global.sendAnonymousUsage=false"]
        command = [program("traefik", "COUNTERSIGN_TEST_TRAEFIK"), *options]
        with running(command, f"http://127.0.0.1:{port}", place / "log"):
            yield f"http://127.0.0.1:{port}"
