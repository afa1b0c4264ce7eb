"""Respondents by an identity provider: a certified one, run beside the tests; and what is refused."""

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from provider import CLIENT, KID, SECRET, provider

from barograph.collect import identity
from barograph.collect.models import Response
from barograph.errors import BadInput
from barograph.web.identity import Identity
from barograph.web.identity import identity as read

pytestmark = pytest.mark.xdist_group("provider")
CALLBACK = "http://localhost:8000/a/identified/"
EMAIL = "clerk@first.example"


@pytest.fixture(scope="module")
def idp():
    with provider(CALLBACK) as found:
        yield found


@pytest.fixture(autouse=True)
def configured(request, settings):
    """The settings name the provider; levels below substantial are too low."""
    issuer = request.getfixturevalue("idp").issuer
    settings.IDENTITY = Identity(issuer, CLIENT, SECRET, "CSAM", ("substantial", "high"), "email")
    identity.described.cache_clear()


@pytest.fixture
def answering(coordinator, person):
    return person(coordinator)


@pytest.fixture
def base(coordinator):
    return f"/a/{coordinator.unit.response.public_id}/"


def sent(answering, base, to="sign"):
    """Presses the button; the address at the provider."""
    page = answering.get(f"{base}code/?to={to}").page
    assert "CSAM" in page
    status, headers, _ = answering.send("GET", f"{base}identity/?to={to}", None)
    assert status == 302
    return headers["location"]


def returned(answering, address):
    parts = urlsplit(address)
    return answering.get(f"{parts.path}?{parts.query}")


def verified(answering, base):
    return answering.get(f"{base}code/?to=overview").path == base


def test_whoever_the_provider_knows_by_the_address_is_verified(idp, answering, base):
    address = sent(answering, base)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["acr_values"] == ["substantial high"]
    assert len(asked["state"][0]) == len(asked["nonce"][0]) == 64
    before = answering.cookies["barograph"].value
    returned(answering, idp.visit(address, EMAIL.upper()))
    assert answering.path == f"{base}sign/"
    assert verified(answering, base)
    assert answering.cookies["barograph"].value != before


@pytest.mark.parametrize(
    ("account", "acr", "outcome"),
    [
        ("mayor@first.example", "high", "other"),
        (f"unverified:{EMAIL}", "high", "failed"),
        (EMAIL, "low", "failed"),
    ],
)
def test_another_address_an_unverified_one_and_a_low_level_are_not(
    account, acr, outcome, idp, answering, base
):
    returned(answering, idp.visit(sent(answering, base), account, acr))
    assert answering.path == f"{base}code/?to=sign&identity={outcome}"
    assert answering.status == 400
    assert not verified(answering, base)


def unsigned(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'kid': KID})}.{part(claims)}."


OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def by_secret_of_the_public_key(key, claims):
    """The old trick: the public key taken for the secret of a symmetric signature."""

    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    header = json.dumps({"alg": "HS256", "kid": KID}).encode()
    text = part(header) + b"." + part(json.dumps(claims).encode())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return (text + b"." + part(hmac.digest(public, text, hashlib.sha256))).decode()


FORGERIES = {
    "other issuer": {"iss": "https://evil.example"},
    "other audience": {"aud": "another"},
    "other audience too": {"aud": [CLIENT, "another"]},
    "for another party": {"azp": "another"},
    "no audience": {"aud": None},
    "other nonce": {"nonce": "x" * 64},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 3600},
    "never expires": {"exp": None},
    "from the future": {"iat": int(time.time()) + 3600},
    "low level": {"acr": "low"},
    "no level": {"acr": None},
    "nobody": {"sub": None},
}


@pytest.fixture
def forged(monkeypatch):
    """The provider's answer, its token replaced by what `forge` makes of its claims."""
    real = identity.Provider.get_token

    def replaced(forge):
        def got(self, payload):
            tokens = real(self, payload)
            claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
            return {**tokens, "id_token": forge(claims)}

        monkeypatch.setattr(identity.Provider, "get_token", got)

    return replaced


def signed(claims, key, kid=KID):
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, "RS256", headers={"kid": kid})


def refused(idp, answering, base):
    returned(answering, idp.visit(sent(answering, base), EMAIL))
    assert answering.path == f"{base}code/?to=sign&identity=failed"
    return not verified(answering, base)


def test_a_token_signed_anew_as_it_was_is_taken(forged, idp, answering, base):
    forged(lambda claims: signed(claims, idp.key))  # so that the refusals below mean something
    returned(answering, idp.visit(sent(answering, base), EMAIL))
    assert verified(answering, base)


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_a_token_that_is_not_for_this_moment_and_place_is_refused(
    change, forged, idp, answering, base
):
    forged(lambda claims: signed({**claims, **change}, idp.key))
    assert refused(idp, answering, base)


@pytest.mark.parametrize(
    "forge",
    [
        lambda key, claims: unsigned(claims),
        lambda key, claims: signed(claims, OTHER),
        lambda key, claims: signed(claims, OTHER, "another-key"),
        # Another provider knows somebody by the same subject and address.
        lambda key, claims: signed({**claims, "iss": "https://other.example"}, OTHER),
        by_secret_of_the_public_key,
        lambda key, claims: signed(claims, key)[:-4] + "AAAA",
        lambda key, claims: "nonsense",
        lambda key, claims: None,
    ],
    ids=["none", "wrong key", "unknown key", "other provider", "HS256", "broken", "text", "absent"],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(forge, forged, idp, answering, base):
    forged(lambda claims: forge(idp.key, claims))
    assert refused(idp, answering, base)


def test_a_person_of_whom_the_provider_says_two_things_is_refused(
    monkeypatch, idp, answering, base
):
    real = identity.Provider.get_userinfo
    monkeypatch.setattr(
        identity.Provider,
        "get_userinfo",
        lambda self, *tokens: {**real(self, *tokens), "sub": "somebody else"},
    )
    assert refused(idp, answering, base)


def test_the_way_back_holds_once_and_in_its_own_session(idp, answering, base, person, stranger):
    address = idp.visit(sent(answering, base), EMAIL)
    thief = person(stranger)
    assert returned(thief, address).status == 403
    returned(answering, address.replace("code=", "code=x"))
    assert not verified(answering, base)
    assert returned(answering, address).status == 403, "the state is used up"
    assert not verified(answering, base)


@pytest.mark.parametrize(
    "change", [("iss=", "iss=https%3A%2F%2Fevil.example%2F&was="), ("state=", "state=x")]
)
def test_another_issuer_or_state_on_the_way_back_is_refused(change, idp, answering, base):
    returned(answering, idp.visit(sent(answering, base), EMAIL).replace(*change))
    assert not verified(answering, base)


def test_the_way_back_ends_after_ten_minutes(idp, answering, base, monkeypatch):
    address = idp.visit(sent(answering, base), EMAIL)
    monkeypatch.setattr(identity, "VALID", -1)
    assert returned(answering, address).status == 403
    assert not verified(answering, base)


def test_without_the_provider_a_code_remains(settings, answering, base):
    settings.IDENTITY = settings.IDENTITY._replace(issuer="http://127.0.0.1:9")
    identity.described.cache_clear()
    answering.get(f"{base}identity/?to=sign")
    assert answering.path == f"{base}code/?to=sign&identity=failed"
    settings.IDENTITY = None
    assert "CSAM" not in answering.get(f"{base}code/?to=sign").page
    assert answering.get(f"{base}identity/?to=sign").status == 404
    assert answering.get("/a/identified/?state=x&code=y").status == 403
    assert Response.objects.exists()


def test_a_description_of_another_issuer_is_not_believed(settings, answering, base, monkeypatch):
    real = identity.requests.get

    class Moved:
        def __init__(self, *args, **kw):
            self.answer = real(*args, **kw)

        def raise_for_status(self):
            pass

        def json(self):
            return {**self.answer.json(), "issuer": "https://evil.example"}

    monkeypatch.setattr(identity.requests, "get", Moved)
    answering.get(f"{base}identity/?to=sign")
    assert answering.path == f"{base}code/?to=sign&identity=failed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"BAROGRAPH_OIDC_ISSUER": "http://idp.example"},
        {"BAROGRAPH_OIDC_ISSUER": "idp.example"},
        {"BAROGRAPH_OIDC_CLIENT": ""},
        {"BAROGRAPH_OIDC_SECRET": ""},
        {"BAROGRAPH_OIDC_NAME": ""},
    ],
)
def test_settings_that_lack_something_are_refused(wrong):
    right = {
        "BAROGRAPH_OIDC_ISSUER": "https://idp.example",
        "BAROGRAPH_OIDC_CLIENT": "c",
        "BAROGRAPH_OIDC_SECRET": "s",
        "BAROGRAPH_OIDC_NAME": "CSAM",
        "BAROGRAPH_OIDC_ACR": "a b",
    }
    assert read({}, local=False) is None
    assert read(right, local=False) == (
        "https://idp.example",
        "c",
        "s",
        "CSAM",
        ("a", "b"),
        "email",
    )
    with pytest.raises(BadInput, match="OIDC"):
        read({**right, **wrong}, local=False)
