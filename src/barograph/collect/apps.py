"""Django's name for this room."""

from django.apps import AppConfig


class CollectConfig(AppConfig):
    """The interview."""

    name = "barograph.collect"
    label = "collect"
