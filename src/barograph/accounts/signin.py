"""Signing in with address, password and second factor; every refusal is the same refusal."""

from __future__ import annotations

import logging

from django.contrib.auth import authenticate
from django.http import HttpRequest

from barograph.accounts import limits
from barograph.accounts.factors import Factor, factor
from barograph.accounts.models import Account

LOG = logging.getLogger(__name__)
PER_CALLER = 30  # failures in a window, whoever was named
PER_ACCOUNT = 10  # failures of one caller at one account
PER_ACCOUNT_ALL = 100  # failures at one account, from everywhere


def check(
    request: HttpRequest, email: str, password: str, typed: str
) -> tuple[Account, Factor] | None:
    """Who this is, and by which second factor; None for whatever reason.

    Django hashes a password for an unknown address too, so that time tells nothing.
    """
    email = email.strip().lower()[:254]
    caller = limits.caller(request)
    counts = (
        ("sign-in caller", caller, PER_CALLER),
        ("sign-in", f"{caller} {email}", PER_ACCOUNT),
        ("sign-in account", email, PER_ACCOUNT_ALL),
    )
    open_ = all(limits.counted(what, whose) < most for what, whose, most in counts)
    account = authenticate(request, username=email, password=password[:1024])
    if open_ and isinstance(account, Account):
        found = factor(account, typed[:40])
        if found is not None:
            return account, found
    for what, whose, _ in counts:
        limits.count(what, whose)
    LOG.warning("sign-in refused")
    return None
