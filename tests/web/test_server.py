"""One server: the edition at /, the interview under /a/, headers on everything."""

import http.client
import json
import shutil

import pytest
from forty import opened, serving
from persons import Person, Wire

import barograph as bg
from barograph.publish import publish

pytestmark = pytest.mark.xdist_group("servers")
SECURE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin",
    "x-frame-options": "DENY",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base = tmp_path_factory.mktemp("served")
    with serving(base, 20, edition=True, practice=True) as found:
        yield found


@pytest.fixture
def visitor(server):
    wire = Wire(server.port)
    return Person(wire, wire.cookies)


def test_edition_and_interview_on_one_port(server, visitor):
    assert "My barometer" in visitor.get("/en/").page
    assert visitor.get("/data/estimates.csv").headers["content-type"].startswith("text/csv")
    assert visitor.get("/a/").status == 200
    assert visitor.get("/nowhere").status == 404
    assert visitor.get("/a/preview/").status == 200


@pytest.mark.parametrize(
    "path", ["/en/", "/a/", "/a/static/collect/interview.css", "/nowhere", "/a/i/x/"]
)
def test_headers_on_everything(visitor, path):
    headers = visitor.get(path).headers
    assert SECURE.items() <= headers.items()
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy  # 'self' by default
    if path.startswith("/a/"):
        assert "unsafe" not in policy
        assert ("no-store" in headers["cache-control"]) != ("static" in path)


@pytest.mark.parametrize(
    "path",
    ["/../barometer/barometer.toml", "/..%2f..%2fetc/passwd", "//etc/passwd", "/en/../../state/secret",
     "/a/static/../../secret", "/a/static/..%2f..%2fsecret", "/en/%00"],
)  # fmt: skip
def test_no_path_leads_out(server, path):
    connection = http.client.HTTPConnection("localhost", server.port)
    connection.putrequest("GET", path, skip_host=True)
    connection.putheader("Host", "localhost")
    connection.endheaders()
    assert connection.getresponse().status in (400, 404)


def test_another_host_is_refused(server):
    connection = http.client.HTTPConnection("localhost", server.port)
    connection.request("GET", "/a/", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 400


def test_the_printed_link_opens_a_practice_wave(server):
    log = (server.state.parent / "server.log").read_text()
    path = next(line for line in log.splitlines() if "/a/i/" in line).split(str(server.port))[1]
    person = opened(server.port, path.strip())
    assert person.status == 200
    assert "never published" in person.page
    assert "PRACTICE" in log.upper()


def test_another_edition_takes_the_place_while_it_runs(server, visitor, tmp_path):
    edition = server.state.parent / "edition"
    text = server.folder / "2026" / "release.en.md"
    text.write_text(text.read_text() + "\nA line that was not there before.\n")
    publish(bg.open(server.folder).wave("2026"), edition)
    assert "not there before" in visitor.get("/en/release.html").page


def test_an_edition_alone_is_served_without_an_interview(server, visitor, tmp_path):
    import subprocess
    import sys

    from forty import BIN
    from servers import free_port, wait_for

    edition = shutil.copytree(server.state.parent / "edition", tmp_path / "edition")
    port = free_port()
    command = [str(BIN / "barograph"), "serve", str(edition), "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=sys.stderr)
    try:
        wait_for(port, 120)
        wire = Wire(port)
        alone = Person(wire, wire.cookies)
        assert alone.get("/en/").status == 200
        assert alone.get("/a/").status == 404
        assert sorted(path.name for path in tmp_path.iterdir()) == ["edition"]
        manifest = edition / "manifest.json"
        told = json.loads(manifest.read_text()) | {"embargo": "2999-02-15T06:00:00+01:00"}
        manifest.write_text(json.dumps(told))
        for path in ("/", "/en/", "/en/index.html", "/data/estimates.csv", "/nowhere"):
            closed = alone.get(path)
            assert closed.status == 503, path
            assert "2999" in closed.page
    finally:
        process.terminate()
        process.wait(30)
