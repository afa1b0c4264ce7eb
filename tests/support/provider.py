"""A certified identity provider in a process of its own, and somebody who signs in there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from servers import free_port, wait_for

FOLDER = Path(__file__).parents[1] / "collect" / "provider"
CLIENT, SECRET = "barograph", "a-secret-that-only-the-tests-know"
KID = "of-the-provider"


@dataclass(frozen=True)
class Provider:
    """Where it is, and the key with which it signs: with it the tests forge."""

    issuer: str
    key: rsa.RSAPrivateKey

    def visit(self, address: str, account: str, acr: str = "high") -> str:
        """Signs in at the log-in form; returns the address to which the provider sends back."""
        browser = requests.Session()
        answer = browser.get(address, allow_redirects=False)
        for _ in range(6):
            while answer.is_redirect:
                address = urljoin(address, answer.headers["location"])
                if not address.startswith(self.issuer):
                    return address
                answer = browser.get(address, allow_redirects=False)
            assert answer.status_code == 200, answer.text
            assert "account" in answer.text, answer.text
            typed = {"account": account, "acr": acr}
            answer = browser.post(address, typed, allow_redirects=False)
        raise AssertionError("the provider never sent back")


@contextmanager
def provider(redirect: str) -> Iterator[Provider]:
    """Runs the provider for one client; skips without Node or its packages, unless REQUIRE_ALL is set."""
    if not shutil.which("node") or not (FOLDER / "node_modules").is_dir():
        reason = f"needs Node and a provider: cd {FOLDER.relative_to(Path.cwd())}; npm ci"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(key))
    port = free_port()
    told = {
        "port": port,
        "jwks": {"keys": [{**without(jwk, "key_ops"), "kid": KID, "alg": "RS256", "use": "sig"}]},
        "clients": [{"client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [redirect]}],
    }
    process = subprocess.Popen(
        ["node", str(FOLDER / "serve.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(told))
        process.stdin.close()
        wait_for(port)
        yield Provider(f"http://127.0.0.1:{port}", key)
    finally:
        process.terminate()
        process.wait(20)


def without(jwk: dict[str, Any], *names: str) -> dict[str, Any]:
    """A key without some of its fields."""
    return {name: value for name, value in jwk.items() if name not in names}
