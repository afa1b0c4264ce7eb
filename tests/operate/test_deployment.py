"""The installation of docs/operate.md as it is: nginx with TLS, PostgreSQL, a mail server, and a robot."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from forty import BIN, Server, answer_all, serving
from persons import Person, Wire
from postbox import Postbox, postbox
from servers import free_port, postgresql, started, wait_for

from tests.operate.conftest import Installation

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
HOST = "field.example.org"
PASSWORD = "canary-password-of-the-database"
pytestmark = pytest.mark.xdist_group("servers")


def needs(program: str, package: str) -> str:
    """The path of a program; skips without it, unless REQUIRE_ALL is set."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        reason = f"needs {program}; install the package {package}"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Browser(Wire):
    """A wire through TLS that names the host and says where its forms come from."""

    host = HOST

    def connect(self) -> http.client.HTTPConnection:
        trusted = ssl.create_default_context()
        trusted.check_hostname, trusted.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=self.timeout)
        line = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        connection.sock = trusted.wrap_socket(line, server_hostname=self.host)
        return connection

    def headers(self) -> dict[str, str]:
        return {"Host": self.host, "Origin": f"https://{HOST}", "X-Forwarded-For": "198.51.100.7"}


@contextmanager
def nginx(base: Path, server: int) -> Iterator[tuple[int, int]]:
    """Our configuration, with ports, certificate and paths of this test; plain and TLS port."""
    program, (plain, secure) = needs("nginx", "nginx"), (free_port(), free_port())
    key, certificate = base / "key.pem", base / "fullchain.pem"
    subprocess.run(
        [needs("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / "nginx.conf").read_text()
    for ours, theirs in (
        ("listen [::]:443", f"listen unix:{base}/443"), ("listen [::]:80;", f"listen unix:{base}/80;"),
        ("listen 443", f"listen 127.0.0.1:{secure}"), ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("127.0.0.1:8000", f"127.0.0.1:{server}"), ("/etc/ssl/barograph", str(base)),
        ("/var/log/nginx", str(base)), ("/etc/nginx/barograph-proxy.conf", str(DEPLOY / "nginx-proxy.conf")),
    ):  # fmt: skip
        assert ours in site, ours
        site = site.replace(ours, theirs)
    (base / "site.conf").write_text(site)
    folders = "".join(
        f"{name}_temp_path {base}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )  # fmt: skip
    main = base / "nginx.conf"
    main.write_text(
        f"pid {base}/pid; error_log {base}/main.log; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; {folders} include {base}/site.conf; }}\n"
    )
    base.chmod(0o755)
    command = (program, "-p", str(base), "-c", str(main))
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "warn" not in tested.stderr
    with started(*command, "-g", "daemon off;"):
        wait_for(secure)
        yield plain, secure


@dataclass
class Deployed:
    """All of it, running."""

    server: Server
    plain: int
    secure: int
    box: Postbox
    base: Path

    def browser(self, host: str = HOST) -> Browser:
        """A browser that has been nowhere yet."""
        wire = Browser(self.secure)
        wire.host = host
        return wire

    def person(self) -> Person:
        """Somebody with such a browser."""
        wire = self.browser()
        return Person(wire, wire.cookies)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory) -> Iterator[Deployed]:
    base = tmp_path_factory.mktemp("deployed")
    web = tmp_path_factory.mktemp("nginx")
    with ExitStack() as stack:
        address = stack.enter_context(postgresql())
        address = address.replace("barograph@", f"barograph:{quote(PASSWORD)}@")
        box = stack.enter_context(postbox())
        settings = {
            "BAROGRAPH_HOST": HOST, "BAROGRAPH_SMTP": box.address,
            "BAROGRAPH_MAIL_FROM": "Barometer <barometer@example.org>",
        }  # fmt: skip
        server = stack.enter_context(serving(base, 4, address, settings=settings))
        plain, secure = stack.enter_context(nginx(web, server.port))
        yield Deployed(server, plain, secure, box, web)


def code_for(deployed: Deployed, address: str) -> str:
    """The six digits that came by mail."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for got in deployed.box.got:
            if got.to == [address] and (
                found := re.search(r"^(\d{6})\r?$", got.message.get_content(), re.M)
            ):
                return found[1]
        time.sleep(0.1)
    raise AssertionError("no code came")


def test_a_whole_interview_to_the_signature(deployed: Deployed) -> None:
    person = deployed.person()
    person.get(deployed.server.links[0]).press()
    assert set(person.cookies) == {"__Host-barograph", "__Host-csrf", "lang"}
    home = person.path
    assert set(answer_all(person, 7)) == {200}
    person.get(f"{home}code/?to=sign").press()
    code = code_for(deployed, "U00000@example.org")
    person.press({"digits": code})
    assert person.path == f"{home}sign/"
    person.press({"name": "Canary Name", "function": "clerk", "accountable": "1"})
    assert person.path == f"{home}thanks/"
    assert person.status == 200
    assert re.search(r"[0-9a-f]{16}", person.page)
    assert deployed.server.answers()["U00000"]["s5_short"] == "short 7"

    log = (deployed.server.state.parent / "server.log").read_text()
    log += "".join(path.read_text() for path in deployed.base.glob("*.log"))
    secret = (deployed.server.state / "secret").read_text()
    public_id = home.strip("/").partition("/")[2]
    keys = [value for name, value in person.cookies.items() if name.startswith("__Host-")]
    for canary in (
        deployed.server.links[0].split("/")[3], public_id, code, secret, PASSWORD, "example.org",
        "Canary Name", "short 7", "198.51.100.7", *keys,
    ):  # fmt: skip
        assert canary not in log, canary
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["path"] for line in lines if line["message"] == "request"} >= {
        "/a/i/<slug:token>/", "/a/<slug:public_id>/section/<str:name>/", "/a/<slug:public_id>/sign/",
    }  # fmt: skip
    others = [line for line in log.splitlines() if line and not line.startswith("{")]
    assert [line.split()[0] for line in others] == ["Serving"]


@pytest.mark.parametrize("path", ["/a/", "/nowhere", "/a/i/x/", "/a/static/tokens.css"])
def test_headers(deployed: Deployed, path: str) -> None:
    headers = deployed.person().get(path).headers
    assert int(headers["strict-transport-security"].partition("=")[2].split(";")[0]) >= 31536000
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"] or not path.startswith("/a/")
    assert headers["x-content-type-options"] == "nosniff"
    assert "nginx/" not in headers.get("server", "")
    assert "granian" not in headers.get("server", "").lower()


def test_cookies(deployed: Deployed) -> None:
    wire = deployed.browser()
    connection = wire.connect()
    path = deployed.server.links[1]
    page = Person(wire, wire.cookies).get(path)
    body = f"csrfmiddlewaretoken={re.search(r'value=.([A-Za-z0-9]{64})', page.page)[1]}"
    cookie = "; ".join(f"{k}={v}" for k, v in wire.cookies.items())
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", path, body, {**wire.headers(), **form})
    cookies = connection.getresponse().headers.get_all("Set-Cookie")
    assert {c.partition("=")[0] for c in cookies} >= {"__Host-barograph", "lang"}
    for cookie in cookies:
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax"} <= flags, cookie
        assert not any(flag.startswith("domain") for flag in flags)
        if cookie.startswith("__Host-"):
            assert "path=/" in flags


def test_other_names_are_refused(deployed: Deployed) -> None:
    with pytest.raises(ssl.SSLError):
        deployed.browser("evil.example").connect()
    for host in ("evil.example", f"{HOST}.evil.example", "127.0.0.1", f"{HOST}@evil.example"):
        connection = http.client.HTTPConnection("127.0.0.1", deployed.server.port)
        connection.request("GET", "/a/", headers={"Host": host, "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        assert answer.status == 400, host
        assert b"evil" not in answer.read()
    messages = " ".join(got.message.get_content() for got in deployed.box.got)
    assert "evil" not in messages


def test_plain_http_leads_to_https(deployed: Deployed) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", deployed.plain)
    connection.request("GET", "/a/x?y=1", headers={"Host": HOST})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/a/x?y=1")
    answer.read()
    connection.request("GET", "/.well-known/acme-challenge/x", headers={"Host": HOST})
    assert connection.getresponse().status == 404, "renewals are answered here"


def test_slow_clients_and_large_bodies_stop_at_the_proxy(deployed: Deployed) -> None:
    wire = deployed.browser()
    slow = []
    for _ in range(25):
        connection = wire.connect()
        connection.sock.sendall(
            f"POST /a/leave/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\nx".encode()
        )
        slow.append(connection)
    wire.timeout = 10
    assert Person(wire, wire.cookies).get("/a/").status == 200
    for connection in slow:
        connection.close()
    connection = wire.connect()
    large = {"Content-Length": str(12 * 2**20), "Content-Type": "application/octet-stream"}
    connection.putrequest("POST", "/a/leave/", skip_host=True)
    for name, value in {**wire.headers(), **large}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413


def test_doors_are_tried_a_few_times_only(deployed: Deployed) -> None:
    statuses = [deployed.person().get(f"/a/i/{'A' * 20}{n:02}/").status for n in range(45)]
    assert set(statuses) <= {404, 429}
    assert statuses[-1] == 429


def test_health_backup_and_doctor(deployed: Deployed) -> None:
    person = deployed.person().get("/a/health/")
    parts = {"ok": True, "db": True, "queue": True, "disk": True, "backup": True}
    assert (person.status, json.loads(person.page)) == (200, parts)
    installation = Installation(deployed.server, deployed.server.state.parent)
    backup = installation.back_up()
    assert PASSWORD.encode() not in backup.read_bytes()
    doctor = installation.run("doctor", deployed.server.folder, "--state", deployed.server.state)
    assert doctor.returncode == 0, doctor.stdout
    for line in ("ok     mail", "ok     queue", "ok     backup", "ok     durability"):
        assert line in doctor.stdout


def test_django_finds_nothing_to_object(deployed: Deployed) -> None:
    places = {
        "BAROGRAPH_FOLDER": str(deployed.server.folder), "BAROGRAPH_STATE": str(deployed.server.state),
        "DJANGO_SETTINGS_MODULE": "barograph.web.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env={**deployed.server.environment, **places}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_units_are_sound(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd on this machine")
    for path in DEPLOY.glob("*.[st][ei][rm][ve]*"):
        text = path.read_text().replace(
            "/opt/barograph/.venv/bin/barograph", str(BIN / "barograph")
        )
        (tmp_path / path.name).write_text(text.replace("=barograph\n", "=root\n"))
    units = sorted(map(str, tmp_path.iterdir()))
    assert len(units) == 3
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "barograph" in line]
    assert ours == []
    for unit in tmp_path.glob("*.service"):  # every command is one that the program knows
        words = re.search(r"^ExecStart=\S+ (\w+) .*$", unit.read_text(), re.M)
        asked = re.findall(r"--[a-z-]+", words[0])
        help_ = subprocess.run([str(BIN / "barograph"), words[1], "--help"], capture_output=True, text=True, check=False)  # fmt: skip
        assert help_.returncode == 0
        assert all(option in help_.stdout for option in asked)


def test_every_setting_is_documented() -> None:
    rows = re.findall(r"^\| (`[A-Z_].*?) \|", (ROOT / "docs" / "operate.md").read_text(), re.M)
    documented = set(re.findall(r"`([A-Z_]+)`", " ".join(rows)))
    read: set[str] = set()
    for path in (ROOT / "src" / "barograph").rglob("*.py"):
        read |= set(re.findall(r'"(BAROGRAPH_[A-Z_]+|DATABASE_URL|PORT)"', path.read_text()))
    assert read == documented
    example = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "barograph.env").read_text(), re.M))
    assert example <= documented
