"""One database session per request: committed when the answer is below 400, rolled back otherwise."""

from typing import cast

from flask import Flask, Response, current_app, g
from sqlalchemy.orm import Session, sessionmaker

from engine import clock
from engine.casework import access

Sessions = sessionmaker[Session]


def init_app(app: Flask, sessions: Sessions) -> None:
    """Let `session()` answer inside requests of `app`."""
    app.extensions["pilar_sessions"] = sessions
    app.after_request(_finish)
    app.teardown_request(_close)


def session() -> Session:
    """The request's session; opened when first asked for. Views never commit it."""
    if "db_session" not in g:
        g.db_session = cast(Sessions, current_app.extensions["pilar_sessions"])()
        if clock.is_stale():
            g.db_session.connection()  # brings the database's time along, before anybody asks what time it is
    return cast(Session, g.db_session)


def keep() -> None:
    """Commit this request's work even if the answer is an error (a failed sign-in must be counted)."""
    g.db_keep = True


def keep_so_far() -> None:
    """Commit what this request has done until now: uploaded files stay even if what follows is refused."""
    session().commit()


def give_up() -> None:
    """Drop what this request has done and its connection: the database went away under it."""
    opened = g.pop("db_session", None)
    if opened is not None:
        opened.invalidate()


def _finish(response: Response) -> Response:
    if "db_session" in g:
        if response.status_code < 400 or g.get("db_keep", False):
            g.db_session.commit()
        else:
            g.db_session.rollback()
        # Who was shown whom stays true when the rest is taken back.
        access.keep_shown(g.db_session)
        if g.db_session.in_transaction():
            g.db_session.commit()
    return response


def _close(_error: BaseException | None) -> None:
    opened = g.pop("db_session", None)
    if opened is not None:
        opened.close()
