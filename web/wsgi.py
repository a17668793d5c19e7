"""The application that a web server loads: `web.wsgi:make()`."""

from flask import Flask

from engine.serve.logs import start_logging
from engine.serve.startup import open_store
from engine.settings import Settings, environment
from web import create_app
from web.famine import EndsWithoutMemory


def make() -> Flask:
    """The application with the process's settings. Raises SettingsError."""
    settings = Settings.from_env(environment())
    start_logging(settings.log_level, "web")
    app = create_app(settings, open_store(settings, "web"))
    app.wsgi_app = EndsWithoutMemory(app.wsgi_app)  # type: ignore[method-assign]
    return app
