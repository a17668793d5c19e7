"""How an operation calls another system: under the job's key, a few at once for each host, and never blindly twice."""

import http.client
import json
import urllib.error
import urllib.request
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.casework.work import JobContext
from engine.errors import EngineError, MaybeSent, NotYet, OutsideFailed
from engine.store import jobs

TIMEOUT_S = 10.0
LONGEST_ANSWER = 1_000_000
PAUSE_S = 1.0
LONGEST_PAUSE_S = 600.0
_OVERRUN = (429, 503)
# Two numbers make a lock: one for the host, one for the place. It ends with the transaction, however that ends.
_PLACE = text("SELECT pg_try_advisory_xact_lock(:host, :place)")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where calls go. `recognises_repeats`: it takes a second call with the same key for the first one."""

    url: str
    recognises_repeats: bool
    most_at_once: int = 2


def send(session: Session, context: JobContext, receiver: Receiver, body: Mapping[str, Any]) -> bytes:
    """Post `body` as JSON; the answer. Raises NotYet, OutsideFailed, MaybeSent.

    Follows no redirects. A receiver that cannot tell a repeat is called at most once: where nobody knows whether it
    got the call, a person decides.
    """
    if context.may_have_sent and not receiver.recognises_repeats:
        raise MaybeSent(context.effect_key)
    _take_place(session, receiver)
    _mark(session, context)
    try:
        with _OPENER.open(_request(context, receiver, body), timeout=TIMEOUT_S) as answer:
            return bytes(answer.read(LONGEST_ANSWER))
    except urllib.error.HTTPError as error:
        error.close()
        raise _refusal(error, receiver, context) from error
    except (OSError, http.client.HTTPException) as error:
        if receiver.recognises_repeats or isinstance(getattr(error, "reason", None), ConnectionRefusedError):
            raise OutsideFailed(type(error).__name__) from error
        raise MaybeSent(context.effect_key) from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could lead to a host inside."""

    def redirect_request(self, *_: Any) -> None:
        """None: the answer stays an error."""


_OPENER = urllib.request.build_opener(_NoRedirects)


def _take_place(session: Session, receiver: Receiver) -> None:
    """One of the host's places, until this transaction ends; so many calls are under way at once, whoever works."""
    host = zlib.crc32(urlsplit(receiver.url).netloc.encode()) - (1 << 31)
    for place in range(receiver.most_at_once):
        if session.execute(_PLACE, {"host": host, "place": place}).scalar_one():
            return
    raise NotYet(PAUSE_S)


def _mark(session: Session, context: JobContext) -> None:
    """Note in a transaction of its own that from now on nobody can know: whoever finds the note is warned."""
    with Session(session.get_bind()) as own:
        if not jobs.mark_sending(own, context.job_id, context.attempt):
            raise OutsideFailed("The lease was lost before anything was sent.")
        own.commit()


def _request(context: JobContext, receiver: Receiver, body: Mapping[str, Any]) -> urllib.request.Request:
    headers = {"Content-Type": "application/json", "Idempotency-Key": context.effect_key}
    return urllib.request.Request(receiver.url, json.dumps(dict(body)).encode(), headers)  # noqa: S310 - ours to name


def _refusal(error: urllib.error.HTTPError, receiver: Receiver, context: JobContext) -> EngineError:
    """What an answer that is none means: come later, refused, or (without repeats, and broken) nobody knows."""
    if error.code in _OVERRUN:
        wanted = error.headers.get("Retry-After", "")
        return NotYet(min(LONGEST_PAUSE_S, float(wanted)) if wanted.isdigit() else 30.0)
    if error.code >= 500 and not receiver.recognises_repeats:
        return MaybeSent(context.effect_key)
    return OutsideFailed(f"HTTP {error.code}")
