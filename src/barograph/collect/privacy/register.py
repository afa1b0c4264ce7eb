"""The register of processing (Art. 30 GDPR), made from the folder of the barometer and the tables kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from barograph.collect import access
from barograph.collect.codes import VALID
from barograph.collect.invitations import AFTER_CLOSING
from barograph.collect.privacy import periods
from barograph.files import read_record, read_toml
from barograph.publish import texts

# What personal data is in which tables; a test holds every table against it.
CATEGORIES = {
    "contacts": ("Contact", "Call", "OptOut"),
    "invitations": ("Invitation", "Code", "Assignment"),
    "answers": ("Response", "Answer", "Save", "Change", "Prefill", "Upload", "Signature"),
    "paradata": ("Paradata",),
    "messages": ("Message", "Mailing"),
    "technical": ("Failure", "Session"),
    "staff": (
        "Account", "Authenticator", "StaffLink", "Event", "Transition", "Decision", "Freeze", "Job",
        "Erasure",
    ),
}  # fmt: skip
RIGHTS = ("access", "rectify", "erase", "restrict", "object", "complain")


@dataclass(frozen=True)
class Privacy:
    """[privacy] of barometer.toml: lawful ground and further recipients per language, data officer."""

    ground: Mapping[str, str] = field(default_factory=dict)
    recipients: Mapping[str, str] = field(default_factory=dict)
    officer: str = ""


@cache
def words() -> dict[str, dict[str, str]]:
    """Language -> key -> text of register.toml."""
    return texts.load(Path(__file__).with_name("register.toml"))


def register(folder: Path, lang: str) -> dict[str, Any]:
    """The register in one language; `version` names this text and changes with it."""
    settings_ = read_toml(folder / "barometer.toml")
    own = read_record(folder / "barometer.toml", Privacy, "privacy", settings_.get("privacy", {}))
    w, contact = words()[lang], settings_.get("contact", {})
    kept = {
        **vars(periods.read(folder)),
        "links_days": AFTER_CLOSING.days,
        "minutes": settings.SESSION_COOKIE_AGE // 60,
        "code_minutes": VALID.seconds // 60,
    }
    told = {
        "language": lang,
        "title": settings_.get("title", {}).get(lang, ""),
        "controller": settings_.get("operator", {}).get("name", ""),
        "contact": ", ".join(filter(None, (contact.get("name", ""), contact.get("email", "")))),
        "data_protection_officer": own.officer,
        "purposes": w["purposes_text"],
        "lawful_ground": own.ground.get(lang) or w["ground_text"],
        "categories": [
            {
                "name": w[name],
                "data": w[f"{name}_data"],
                "kept": w[f"{name}_kept"].format(**kept),
                "tables": list(tables),
            }
            for name, tables in CATEGORIES.items()
        ],
        "recipients": [w["recipients_text"], *filter(None, [own.recipients.get(lang)])],
        "staff_read": w["staff_text"],
        "rights": [w[f"right_{name}"] for name in RIGHTS],
        "not_kept": w["not_kept_text"],
    }
    return {**told, "version": _version(told)}


def _version(told: Mapping[str, Any]) -> str:
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The register as those who answer read it."""
    lang = access.language(request)
    assert settings.BAROMETER is not None  # there is no interview without
    told = register(settings.BAROMETER, lang)
    context = {
        "lang": lang,
        "w": words()[lang],
        "title": told["title"] or "Barograph",
        "languages": settings.LANGUAGE_CODES,
        "told": told,
    }
    shown = render(request, "collect/privacy.html", context)
    if request.GET.get(access.LANGUAGE):
        access.remember_language(shown, lang)
    return shown
