"""Accounts of staff, what lets them in, and the log of acts."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django_otp.plugins.otp_totp.models import TOTPDevice

from barograph.accounts.keyed import keyed
from barograph.accounts.roles import MAY, Permission, Role


class Account(AbstractBaseUser):
    """A member of staff. Nobody has a password until a one-time link was used to choose one."""

    email = models.EmailField(unique=True)
    role = models.CharField(max_length=12, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = BaseUserManager()

    def may(self, permission: Permission) -> bool:
        """Whether the role allows it."""
        return self.is_active and permission in MAY[self.role]


class Authenticator(TOTPDevice):  # type: ignore[misc]
    """The application on a telephone that shows six digits, as django-otp keeps it.

    Its key is computed from the random number in the table and the secret of the installation, so
    that a copy of the table yields no digits.
    """

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """The 160 bits that the telephone gets."""
        return keyed("authenticator", self.key)[:20]


class Failure(models.Model):
    """How often somebody failed in one window of time; `who` is a keyed hash. Deleted after the window."""

    who = models.CharField(max_length=64)
    window = models.PositiveBigIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("who", "window"), name="failure_once"),)


class StaffLink(models.Model):
    """A link that lets a member of staff in once; only the SHA-256 of its 128 random bits is kept."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class Event(models.Model):
    """Who did or read what. Append-only; names no person outside staff and no answer.

    `account` is null for the command line and for work that runs by itself.
    """

    at = models.DateTimeField(auto_now_add=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True)
    act = models.CharField(max_length=40)  # such as "answers read", "wave opened"
    wave = models.CharField(max_length=40, default="", blank=True)
    subject = models.CharField(max_length=200, default="", blank=True)  # code of a unit, of a file
    detail = models.JSONField(default=dict)
