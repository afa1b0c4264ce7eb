"""An identity provider (OpenID Connect) says who is here, in place of a code by mail.

mozilla-django-oidc exchanges the code, finds the key and compares the nonce; it checks neither issuer
nor audience nor the level of assurance, so that is done here (OpenID Connect Core 1.0, 3.1.3.7).
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import jwt
import requests
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils.crypto import get_random_string
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.utils import (
    add_state_and_verifier_and_nonce_to_session,
    generate_code_challenge,
)

from barograph.collect.access import Visit

LOG = logging.getLogger(__name__)
CALLBACK = "/a/identified/"
STATES = "oidc_states"  # in the session, as mozilla-django-oidc names it
ALGORITHM = "RS256"  # every provider has it (OpenID Connect Discovery 1.0, 3)
LEEWAY = 60  # seconds two clocks may differ
VALID = 10 * 60  # seconds somebody may take at the provider
TIMEOUT = 10  # seconds the provider may take to answer
KEPT = 60 * 60  # seconds its description is kept
DESCRIBED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
REFUSED = (
    SuspiciousOperation,
    jwt.PyJWTError,
    requests.RequestException,
    *(LookupError, ValueError, TypeError, AttributeError),  # nonsense for an answer
)
Outcome = Literal["verified", "other", "failed"]


@dataclass(frozen=True)
class Attempt:
    """What was remembered when somebody was sent to the provider."""

    public_id: str
    to: str
    nonce: str
    verifier: str


class Provider(OIDCAuthenticationBackend):  # type: ignore[misc]
    """The provider of the settings, by its own description."""

    def __init__(self) -> None:
        identity = settings.IDENTITY
        assert identity is not None  # the pages ask
        self.identity = identity
        self.at = described(self.identity.issuer, int(time.time()) // KEPT)
        self.OIDC_OP_TOKEN_ENDPOINT = self.at["token_endpoint"]
        self.OIDC_OP_USER_ENDPOINT = self.at["userinfo_endpoint"]
        self.OIDC_OP_JWKS_ENDPOINT = self.at["jwks_uri"]
        self.OIDC_RP_CLIENT_ID = self.identity.client
        self.OIDC_RP_CLIENT_SECRET = self.identity.secret
        self.OIDC_RP_SIGN_ALGO = ALGORITHM
        self.OIDC_RP_IDP_SIGN_KEY = None

    @property
    def vouching(self) -> tuple[str, ...]:
        """Claims that must be true beside the address."""
        return ("email_verified",) if self.identity.claim == "email" else ()

    def get_settings(self, attr: str, *default: Any) -> Any:
        """Settings of mozilla-django-oidc that differ from its defaults."""
        basic = "client_secret_basic" in self.at.get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        )
        ours = {"OIDC_TIMEOUT": TIMEOUT, "OIDC_TOKEN_USE_BASIC_AUTH": basic}
        return ours.get(attr, default[0] if default else None)

    def _verify_jws(self, payload: str, key: Any) -> Any:
        """The claims of a token of this provider for us, in force now; all else is refused."""
        claims = jwt.decode(
            payload,
            key,
            algorithms=[ALGORITHM],
            issuer=self.identity.issuer,
            audience=self.identity.client,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.identity.client) != self.identity.client:
            raise SuspiciousOperation("the token was made for another party")
        if self.identity.acr and claims.get("acr") not in self.identity.acr:
            raise SuspiciousOperation("the level of assurance is too low")
        return claims

    def claims(self, attempt: Attempt, code: str) -> dict[str, Any]:
        """What the provider says of whoever came back with this code."""
        tokens = self.get_token(
            {
                "client_id": self.identity.client,
                "client_secret": self.identity.secret,
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": settings.ADDRESS + CALLBACK,
                "code_verifier": attempt.verifier,
            }
        )
        claims: dict[str, Any] = self.verify_token(tokens["id_token"], nonce=attempt.nonce)
        if not {self.identity.claim, *self.vouching} <= claims.keys():
            more = self.get_userinfo(tokens["access_token"], tokens["id_token"], claims)
            if more.get("sub") != claims["sub"]:
                raise SuspiciousOperation("the provider speaks of two persons")
            claims = {**more, **claims}
        return claims


@lru_cache(maxsize=1)
def described(issuer: str, hour: int) -> dict[str, Any]:
    """The description of a provider; SuspiciousOperation when it is another's or not encrypted."""
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    if found.get("issuer") != issuer:
        raise SuspiciousOperation("the description is of another issuer")
    scheme = urlsplit(issuer).scheme
    if any(urlsplit(found.get(name, "")).scheme not in ("https", scheme) for name in DESCRIBED):
        raise SuspiciousOperation("the description lacks an address, or one is not encrypted")
    return found


def send(visit: Visit, to: str) -> str | None:
    """Where the provider asks who is here; None when it cannot be reached. `to` is where one goes then."""
    try:
        provider = Provider()
    except REFUSED as error:
        LOG.warning("identity provider not reached: %s", type(error).__name__)
        return None
    state, nonce, verifier = (get_random_string(64) for _ in range(3))
    params = {
        "response_type": "code",
        "scope": "openid email",
        "client_id": provider.identity.client,
        "redirect_uri": settings.ADDRESS + CALLBACK,
        "state": state,
        "nonce": nonce,
        "code_challenge": generate_code_challenge(verifier, "S256"),
        "code_challenge_method": "S256",
        **({"acr_values": " ".join(provider.identity.acr)} if provider.identity.acr else {}),
    }
    add_state_and_verifier_and_nonce_to_session(visit.request, state, params, verifier)
    visit.request.session[STATES][state] |= {"public_id": visit.response.public_id, "to": to}
    visit.request.session.modified = True
    return f"{provider.at['authorization_endpoint']}?{urlencode(params)}"


def attempt_of(request: HttpRequest) -> Attempt | None:
    """The attempt that the address returns from, once; None for what this session did not begin."""
    states = request.session.get(STATES, {})
    begun = states.pop(request.GET.get("state", ""), None)
    if begun is None:
        return None
    request.session.modified = True
    if time.time() - begun["added_on"] > VALID:
        return None
    return Attempt(begun["public_id"], begun["to"], begun["nonce"], begun["code_verifier"])


def identify(visit: Visit, attempt: Attempt, returned: dict[str, str]) -> Outcome:
    """Verifies the visit when the provider vouches for the address of its invitation.

    With the claim `email` the provider must say that it has verified the address.
    """
    try:
        provider = Provider()
        if returned.get("iss", provider.identity.issuer) != provider.identity.issuer:
            raise SuspiciousOperation("another provider answers")  # RFC 9207
        claims = provider.claims(attempt, returned.get("code", ""))
    except REFUSED as error:
        ours = isinstance(error, SuspiciousOperation)
        LOG.warning("identity refused: %s", error if ours else type(error).__name__)
        return "failed"
    address = claims.get(provider.identity.claim)
    if not (isinstance(address, str) and all(claims.get(c) is True for c in provider.vouching)):
        LOG.warning("identity refused: no address that the provider has verified")
        return "failed"
    if address.strip().casefold() != visit.invitation.email.casefold():
        return "other"
    visit.verify()
    return "verified"
