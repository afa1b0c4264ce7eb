"""Accounts of staff, one-time links, and the log of acts."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

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
