"""The team board: load per worker and per step; give one or several tasks to somebody, with an answer for each."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from engine.casework import team as commands
from engine.casework.team import Given
from engine.permissions import Area
from engine.queries import team as queries
from engine.queries.team import Filters, Load, StepLoad
from web.auth import current_actor, requires
from web.db import session
from web.i18n import pick
from web.ids import row_number
from web.pages import render
from web.words import ROLES, name

blueprint = Blueprint("team", __name__, url_prefix="/team")

_NAMES = ("worker", "step", "due")


@blueprint.get("")
@requires(Area.TEAM)
def index() -> str:
    """The board, and the tasks that fit the filters."""
    return _page(_filters())


@blueprint.post("")
@requires(Area.TEAM)
def assign() -> str:
    """Give the chosen tasks to a worker; every row says what became of it."""
    chosen = [number for value in request.form.getlist("select") if (number := row_number(value)) is not None]
    worker_id = request.form.get("to", type=int)
    if not chosen or worker_id is None:
        problem = gettext("Pilih sedikitnya satu tugas dan petugas yang menerimanya.")
        return _page(_filters(), problem=problem, chosen=chosen)
    given = commands.assign_all(session(), current_actor(), chosen, worker_id)
    return _page(_filters(), given=given, receiver=worker_id)


def _filters() -> Filters:
    given = request.args
    return Filters(**{key: given.get(key, "").strip() for key in _NAMES}, after=given.get("after", ""))


def _page(
    filters: Filters,
    *,
    problem: str = "",
    chosen: list[int] | None = None,
    given: list[Given] | None = None,
    receiver: int | None = None,
) -> str:
    actor = current_actor()
    receivers = queries.receivers(session(), actor)
    return render(
        "team/index.html",
        board=queries.board(session(), actor, filters),
        filters=filters,
        receivers=receivers,
        receiver=dict(receivers).get(receiver or 0, ""),
        link=lambda **changed: _address(replace(filters, after="", **changed)),
        load_rows=lambda loads: [_load_row(load) for load in loads],
        step_rows=lambda steps: [_step_row(step) for step in steps],
        further=lambda after: _address(replace(filters, after=after)),
        roles_of=_roles,
        problem=problem,
        chosen=chosen or [],
        given=given or [],
        names=queries.named(session(), actor, [one.task_id for one in given or ()]) if given else {},
        refusal=_refusal,
        pick=pick,
    )


def _address(filters: Filters) -> str:
    given = {key: value for key in (*_NAMES, "after") if (value := str(getattr(filters, key)))}
    return url_for(".index") + (f"?{urlencode(given)}" if given else "")


def _roles(roles: Sequence[str]) -> str:
    return ", ".join(name(ROLES, role) for role in sorted(roles))


def _load_row(load: Load) -> list[Markup | int]:
    """A worker's line of the table; the name leads to their tasks."""
    who = Markup('<a class="govuk-link" href="{}#tasks">{}</a><br><span class="app-hint">{}</span>').format(
        _address(Filters(worker=str(load.worker_id))), load.name, _roles(load.roles)
    )
    return [who, load.open, load.overdue, load.today, load.done]


def _step_row(step: StepLoad) -> list[Markup | int]:
    """A step's line of the table; the name leads to its tasks."""
    what = Markup('<a class="govuk-link" href="{}#tasks">{}</a>').format(
        _address(Filters(step=step.element_id)), pick(step.name, step.name_en)
    )
    return [what, step.open, step.free, step.overdue]


def _refusal(code: str) -> str:
    """Why a task was not given."""
    return {
        "forbidden": gettext("bukan untuk peran atau wilayah petugas itu"),
        "four_eyes": gettext("petugas itu sudah mengerjakan kasusnya; perlu orang lain"),
        "task_not_open": gettext("sudah selesai atau dibatalkan"),
        "not_found": gettext("tidak lagi di wilayah Anda"),
    }.get(code) or gettext("tidak dapat diserahkan")
