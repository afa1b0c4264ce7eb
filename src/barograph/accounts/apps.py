"""Django's name for this room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Staff."""

    name = "barograph.accounts"
    label = "accounts"
