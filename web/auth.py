"""Who is asking, and who may open a page: every route names its policy, or the application does not start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar, cast

from flask import Flask, Response, current_app, g, request

from engine import permissions
from engine.actors import Actor
from engine.casework import accounts
from engine.casework.accounts import BrowserSession
from engine.errors import EngineError, Forbidden
from engine.permissions import Area
from engine.settings import Settings
from web.db import session
from web.security import cookie_name, set_cookie

P = ParamSpec("P")
T = TypeVar("T")


class SignInNeeded(EngineError):
    """Nobody is signed in (any more) and the page is not public."""

    code = "sign_in_needed"


class WrongRole(Forbidden):
    """The page exists, but not for the actor's roles."""

    code = "wrong_role"


class PolicyMissing(Exception):
    """Routes without @requires or @public: a mistake of ours, found at start-up."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may open a page: workers whose roles open its `area`, or anybody at all when there is none."""

    area: Area | None


def requires(area: Area = Area.OWN) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Only signed-in workers whose roles open the area (none named: every worker). Row rights are the engine's."""
    policy = Policy(area)

    def mark(view: Callable[P, T]) -> Callable[P, T]:
        view.policy = policy  # type: ignore[attr-defined]
        return view

    return mark


def public(view: Callable[P, T]) -> Callable[P, T]:
    """Nobody needs to be signed in: sign-in itself, styles, pictures, health."""
    view.policy = Policy(area=None)  # type: ignore[attr-defined]
    return view


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The policy that the route named, or None."""
    return getattr(app.view_functions[endpoint], "policy", None)


def init_app(app: Flask, settings: Settings) -> None:
    """Find the signed-in browser before each request and hold every page to its policy."""
    app.config["SESSION_COOKIE"] = cookie_name("session", settings)
    app.jinja_env.globals["current_actor"] = actor_or_none


def check_policies(app: Flask) -> None:
    """Raise PolicyMissing if a route says nothing about who may open it."""
    silent = sorted({rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None})
    if silent:
        raise PolicyMissing(f"These routes need @requires or @public: {', '.join(silent)}.")


def ask_again() -> None:
    """Before the forgery check: raise SignInNeeded if a session has ended; the tokens of its pages ended with it."""
    policy = policy_of(current_app, request.endpoint) if request.endpoint is not None else None
    if policy is not None and policy.area is not None and actor_or_none() is None and current_token():
        raise SignInNeeded("The session has ended.")


def enforce_policy() -> None:
    """Before each view, after the forgery check: raise SignInNeeded or WrongRole."""
    if request.endpoint is None:
        return
    policy = policy_of(current_app, request.endpoint)
    if policy is None or policy.area is None:
        return
    actor = actor_or_none()
    if actor is None:
        raise SignInNeeded("Nobody is signed in.")
    if not permissions.may_enter(actor, policy.area):
        raise WrongRole("The page is for other roles.")


def current_actor() -> Actor:
    """The signed-in worker. Only in views that are not public."""
    actor = actor_or_none()
    if actor is None:
        raise SignInNeeded("Nobody is signed in.")
    return actor


def actor_or_none() -> Actor | None:
    """The signed-in worker, or None on public pages."""
    return cast(Actor | None, g.get("actor"))


def current_token() -> str:
    """The session cookie's token."""
    return request.cookies.get(current_app.config["SESSION_COOKIE"], "")


def may_open(endpoint: str) -> bool:
    """Whether the page exists and the actor's roles may open it: for navigation and links."""
    if endpoint not in current_app.view_functions:
        return False
    policy, actor = policy_of(current_app, endpoint), actor_or_none()
    if policy is None:
        return False
    return policy.area is None or (actor is not None and permissions.may_enter(actor, policy.area))


def start_session(response: Response, token: str) -> None:
    """Hand the browser its new token: a fresh one at each sign-in, so a planted one is worthless."""
    set_cookie(response, current_app.config["SESSION_COOKIE"], token)


def end_session(response: Response) -> None:
    """Take the token back and let the browser forget what it has seen."""
    set_cookie(response, current_app.config["SESSION_COOKIE"], "", max_age=0)
    response.headers["Clear-Site-Data"] = '"cache"'


def recognise() -> None:
    """Before each request: find the signed-in browser behind the cookie."""
    g.actor = None
    g.signed_in = None
    token = current_token()
    if not token or request.endpoint == "assets.file":
        return
    found: BrowserSession | None = accounts.find_session(session(), token)
    if found is not None:
        g.signed_in, g.actor = found, found.actor
