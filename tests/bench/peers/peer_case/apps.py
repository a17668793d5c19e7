"""Django finds the application here."""

from django.apps import AppConfig


class PeerCaseConfig(AppConfig):
    """The bench's case."""

    name = "peer_case"
    default_auto_field = "django.db.models.BigAutoField"
