"""The operator's pages: what stands still, what agencies owe an answer to, queues of background work."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import clock
from engine.casework import form_answers, messages
from engine.errors import InvalidForm
from engine.permissions import Area
from engine.queries import batches
from engine.queries import operation as queries
from engine.queries.operation import Waiting
from forms import visibility_of
from web import formats
from web.area import requires_area
from web.auth import current_actor
from web.cockpit_instances import as_code
from web.cockpit_words import KINDS, PROCESSES_OF_OURS
from web.db import session
from web.form_view import Drawing, FormView, draw
from web.i18n import pick
from web.pages import htmx_target, render
from web.words import name

blueprint = Blueprint("cockpit", __name__, url_prefix="/operation")


@blueprint.get("")
@requires_area(Area.OPERATION)
def index() -> str:
    """Open incidents."""
    after = request.args.get("after", type=int)
    rows = queries.incidents(session(), current_actor(), after)
    following = url_for(".index", after=rows[-1].id) if len(rows) == queries.PAGE else None
    return render(
        "cockpit/index.html",
        incidents=rows,
        following=following,
    )


@blueprint.get("/queues")
@requires_area(Area.OPERATION)
def queues() -> str:
    """Background work: what waits, since when, and who does it."""
    actor = current_actor()
    signs = batches.signs(session(), actor)
    return render("operation/queues.html", queues=queries.queues(session(), actor), signs=signs)


@blueprint.get("/agencies")
@requires_area(Area.OPERATION)
def agencies() -> str:
    """What was sent to agencies and what they owe an answer to."""
    text = request.args.get("q", "")
    actor = current_actor()
    return render(
        "cockpit/agencies.html",
        fragments=("waiting",),
        waiting=_by_case(queries.waiting(session(), actor, text=text)),
        outbox=queries.outbox(session(), actor),
        q=text,
    )


def _by_case(rows: Sequence[Waiting]) -> list[list[Waiting]]:
    """What one case waits for stands together: one of the answers comes."""
    found: dict[tuple[int, str], list[Waiting]] = {}
    for row in rows:
        found.setdefault((row.instance_id, row.correlation_key), []).append(row)
    return list(found.values())


@blueprint.post("/outbox/<int:outbox_id>/handed-over")
@requires_area(Area.OPERATION)
def handed_over(outbox_id: int) -> ResponseReturnValue:
    """A message was passed on by hand."""
    messages.mark_handed_over(session(), current_actor(), outbox_id)
    flash(gettext("Pesan ditandai sudah diserahkan."), "success")
    return redirect(url_for(".agencies"))


@blueprint.get("/agencies/<int:subscription_id>")
@requires_area(Area.OPERATION)
def reply(subscription_id: int) -> str:
    """The form for an agency's answer."""
    found = messages.expected(session(), current_actor(), subscription_id)
    return _reply_page(found, Drawing({}))


@blueprint.post("/agencies/<int:subscription_id>")
@requires_area(Area.OPERATION)
def send_reply(subscription_id: int) -> ResponseReturnValue:
    """Record an agency's answer and let the case go on."""
    actor = current_actor()
    typed = request.form.to_dict(flat=False)
    message_id = request.form.get("message_id", "")
    if htmx_target() == "answers":
        return _reply_page(messages.expected(session(), actor, subscription_id), Drawing(typed))
    try:
        messages.reply(session(), actor, subscription_id, typed, message_id)
    except InvalidForm as error:
        found = messages.expected(session(), actor, subscription_id)
        return _reply_page(found, Drawing(typed, errors=error.messages)), 422
    flash(gettext("Balasan lembaga dicatat; kasusnya berlanjut."), "success")
    return redirect(url_for(".agencies"))


def _reply_page(found: messages.Expected, drawing: Drawing) -> str:
    view = _view(found, drawing)
    if htmx_target() == "answers":
        return render("cockpit/reply.html", fragments=("answers",), view=view)
    message_id = messages.message_id_of(found.subscription_id)
    return render("cockpit/reply.html", found=found, view=view, pick=pick, message_id=message_id)


def _view(found: messages.Expected, drawing: Drawing) -> FormView | None:
    if found.form is None:
        return None
    visibility = visibility_of(found.form, drawing.typed, form_answers.situation(session(), {}))
    return draw(found.form, Drawing(drawing.typed, visibility, drawing.errors))


@blueprint.app_context_processor
def helpers() -> dict[str, Any]:
    """The rows of the table of queues."""
    return {
        "queue_rows": lambda rows: [_queue(row) for row in rows],
        "sign_rows": lambda rows: [_sign(row) for row in rows],
    }


def _queue(row: queries.Queue) -> list[Any]:
    late = clock.now() - row.oldest_due if row.oldest_due else None
    oldest = formats.datetime_text(row.oldest_due) if row.oldest_due else "–"
    lateness = formats.duration(late) if late is not None else "–"
    return [name(KINDS, row.kind), row.ready, row.late, row.running, row.dead, oldest, lateness]


def _sign(row: batches.Sign) -> list[Any]:
    state = gettext("diam") if row.is_silent else gettext("bekerja")
    since, seen = formats.datetime_text(row.began_at), formats.relative(row.seen_at)
    return [name(PROCESSES_OF_OURS, row.kind), as_code(f"{row.host}:{row.pid}"), since, seen, state]
