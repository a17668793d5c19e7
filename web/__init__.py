"""The pages: a Flask application over the engine's commands and queries."""

from flask import Blueprint, Flask
from flask_compress import Compress
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader, Undefined
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.settings import Settings
from web import (
    access,
    approvals,
    assets,
    auth,
    case_events,
    cases,
    cockpit,
    cockpit_batches,
    cockpit_instances,
    cockpit_migrations,
    cockpit_orders,
    db,
    documents,
    errors,
    health,
    i18n,
    ids,
    inbox,
    intake,
    measures,
    navigation,
    people,
    profile,
    register,
    requests,
    security,
    signin,
    studio,
    tasks,
    team,
    ui,
    words,
    workers,
)
from web.application import Application

BLUEPRINTS: tuple[Blueprint, ...] = (
    health.blueprint,
    signin.blueprint,
    profile.blueprint,
    inbox.blueprint,
    tasks.blueprint,
    documents.blueprint,
    register.blueprint,
    cases.blueprint,
    case_events.blueprint,
    people.blueprint,
    approvals.blueprint,
    team.blueprint,
    cockpit.blueprint,
    cockpit_instances.blueprint,
    cockpit_orders.blueprint,
    cockpit_batches.blueprint,
    cockpit_migrations.blueprint,
    intake.blueprint,
    studio.blueprint,
    workers.blueprint,
    access.blueprint,
)
"""One blueprint per audience; a new one is added here."""

MOST_UPLOAD = 12 * 1024 * 1024


def create_app(settings: Settings, sessions: sessionmaker[Session]) -> Flask:
    """The application. `sessions` makes one database session per request. Raises PolicyMissing."""
    app = Application(__name__)
    app.config.update(
        SECRET_KEY=settings.secret,
        MAX_CONTENT_LENGTH=MOST_UPLOAD,
        COMPRESS_ALGORITHM=["br", "gzip"],
        SESSION_COOKIE_NAME=security.cookie_name("notices", settings),
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    _templates(app, is_demo=settings.demo)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    Compress(app)
    ids.init_app(app)
    requests.init_app(app)
    security.init_app(app, settings)
    db.init_app(app, sessions)
    auth.init_app(app, settings)
    # In this order: who is asking, does the request come from our page, may they open it.
    for step in (auth.recognise, auth.ask_again, security.refuse_forged, auth.enforce_policy):
        app.before_request(step)
    i18n.init_app(app, settings.office_timezone)
    navigation.init_app(app)
    ui.init_app(app)
    words.init_app(app)
    assets.init_app(app)
    errors.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.metrics_token:
        app.register_blueprint(measures.blueprint)
    auth.check_policies(app)
    return app


class Missing(Undefined):
    """An unknown name in a template: false in conditions, an error as soon as it would be printed."""

    __str__ = Undefined._fail_with_undefined_error  # noqa: SLF001 (the documented way to make one strict)


def _templates(app: Flask, *, is_demo: bool) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = Missing
    app.jinja_env.globals["is_demo"] = is_demo
    loaders = [app.jinja_loader, PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    app.jinja_loader = ChoiceLoader([loader for loader in loaders if loader is not None])
