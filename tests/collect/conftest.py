"""The example's practice wave and a real one, in a database of their own; people who answer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"
_open = ExitStack()  # the state of this process, removed when it ends
STATE = Path(_open.enter_context(tempfile.TemporaryDirectory(prefix="barograph-")))
os.environ |= {"BAROGRAPH_FOLDER": str(EXAMPLE), "BAROGRAPH_STATE": str(STATE)}
os.environ["DJANGO_SETTINGS_MODULE"] = "barograph.web.settings"

import django  # noqa: E402

django.setup()

from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from persons import Answer, Person  # noqa: E402

import barograph as bg  # noqa: E402
from barograph.accounts import links  # noqa: E402
from barograph.accounts import staff as accounts  # noqa: E402
from barograph.accounts.models import Account  # noqa: E402
from barograph.collect import invitations, waves  # noqa: E402
from barograph.collect.models import Invitation, Wave  # noqa: E402


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Both waves once; each test works in a transaction that is taken back."""
    described = bg.open(EXAMPLE).wave("2017")
    with django_db_blocker.unblock():
        waves.practise(described, "nl")
        real = waves.prepare(described)
        real.state = Wave.State.OPEN
        real.closes = timezone.now().date() + timedelta(days=30)
        real.save()
    yield
    _open.close()


@pytest.fixture
def real(db: None) -> Wave:
    """The wave whose answers count."""
    return Wave.objects.get(practice=False)


@pytest.fixture
def coordinator(real: Wave) -> Invitation:
    """Somebody of the first municipality."""
    unit = real.units.order_by("code").first()
    return invitations.invite(unit, "clerk@first.example", "nl")


@pytest.fixture
def stranger(real: Wave) -> Invitation:
    """Somebody of the second municipality."""
    unit = real.units.order_by("code")[1]
    return invitations.invite(unit, "clerk@second.example", "fr")


@pytest.fixture
def person() -> Callable[[Invitation | None], Person]:
    """Makes a person with a browser of their own, who has opened the link of an invitation."""

    def opened(invitation: Invitation | None = None) -> Person:
        client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
        made = Person(sender(client), client.cookies)
        if invitation is not None:
            made.get(f"/a/i/{invitations.token(invitation)}/").press()
        return made

    return opened


@pytest.fixture
def staff(db: None, person: Callable[[], Person]) -> Callable[[str], Person]:
    """Makes a person who is signed in at the desk with a role, under role@desk.example."""

    def signed_in(role: str) -> Person:
        email = f"{role}@desk.example"
        account = Account.objects.filter(email=email).first() or accounts.add(email, role)
        made = person()
        made.get(links.issue(account).partition("localhost:8000")[2]).press()
        assert made.path == "/a/desk/", made.page
        return made

    return signed_in


def sender(client: Client) -> Callable[[str, str, bytes | None], Answer]:
    """Requests of Django's test client as a person sends them."""

    def send(method: str, path: str, body: bytes | None) -> Answer:
        kind = "application/x-www-form-urlencoded"
        response = client.generic(method, path.split("#")[0], body or b"", kind)
        text = response.getvalue().decode("utf-8", "replace")
        return response.status_code, {k.lower(): v for k, v in response.items()}, text

    return send
