"""The operator's pages of instances: where they stand on the diagram, and everything about one of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from engine import clock
from engine.casework.selection import STATES as CHOSEN_STATES
from engine.casework.selection import Selection
from engine.permissions import Area
from engine.queries import instance_page, instances
from engine.queries.instance_page import Fact, Past
from engine.queries.walks import Event
from web import cockpit_words as words
from web import formats
from web.area import requires_area
from web.auth import current_actor
from web.client_words import process_name
from web.db import session
from web.history_words import sentence
from web.i18n import pick
from web.pages import render
from web.words import ROLES, name

blueprint = Blueprint("instances", __name__, url_prefix="/operation")

FILTERS = ("state", "element", "incident", "since", "until", "number")
"""The names of the filters in an address, and in the forms of orders."""


@blueprint.get("/instances")
@requires_area(Area.OPERATION)
def index() -> str:
    """Versions on which something runs; or the instances of one number."""
    number = request.args.get("q", "").strip()
    after = request.args.get("after", type=int)
    rows = _listed(Selection(state="all", number=number), after) if number else []
    return render(
        "operation/instances.html",
        versions=[] if number else instances.versions(session(), current_actor()),
        rows=rows,
        q=number,
        following=_following(rows, ".index", q=number),
        most=instances.MOST_COUNTED,
    )


@blueprint.get("/versions/<int:definition_id>")
@requires_area(Area.OPERATION)
def version(definition_id: int) -> str:
    """One version: how many stand at which element, and which they are."""
    actor = current_actor()
    row = instances.version(session(), actor, definition_id)
    chosen = chosen_from(request.args, definition_id)
    stand = instances.stand(session(), actor, row, chosen)
    rows = _listed(chosen, request.args.get("after", type=int))
    wanted = request.args.get("process", "")
    process = next((one for one in stand.processes if one[0] == wanted), stand.processes[0])
    given = filters_of(request.args)
    return render(
        "operation/version.html",
        row=row,
        chosen=chosen,
        given=given,
        active=len(given),
        stand=stand,
        process=process,
        process_names={id_: pick(*names) for id_, *names in stand.processes},
        rows=rows,
        following=_following(rows, ".version", definition_id=definition_id, process=wanted, **given),
        counts={one.element_id: formats.number(one.count) for one in stand.places if one.process_id == process[0]},
        alerts={
            one.element_id: formats.number(one.incidents)
            for one in stand.places
            if one.incidents and one.process_id == process[0]
        },
        may_migrate=len(instances.numbers(session(), actor, row.family)) > 1,
        element_options=element_options(stand, chosen),
        states=[(code, str(text)) for code, text in words.CHOICES.items()],
        most=instances.MOST_COUNTED,
    )


@blueprint.get("/versions/<int:definition_id>/diagrams/<process_id>")
@requires_area(Area.OPERATION)
def diagram(definition_id: int, process_id: str) -> Response:
    """The drawing of a process, for the viewer."""
    body = instances.diagram(session(), current_actor(), definition_id, process_id)
    return Response(body, mimetype="application/xml", headers={"Cache-Control": "private, max-age=3600"})


@blueprint.get("/instances/<int:instance_id>")
@requires_area(Area.OPERATION)
def show(instance_id: int) -> str:
    """One instance as it stands."""
    page = instance_page.page(session(), current_actor(), instance_id)
    wanted = request.args.get("process", "")
    walked = next((one for one in page.walked if one.process_id == wanted), page.walked[0] if page.walked else None)
    alerts = {one.element_id: "!" for one in page.incidents if one.state == "open"}
    return render(
        "operation/instance.html", page=page, row=page.row, names=page.names, tab="now", walked=walked, alerts=alerts
    )


@blueprint.get("/instances/<int:instance_id>/history")
@requires_area(Area.OPERATION)
def past(instance_id: int) -> str:
    """What happened in one instance, newest first."""
    actor = current_actor()
    rows = instance_page.history(session(), actor, instance_id, request.args.get("before", type=int))
    is_full = len(rows) == instance_page.HISTORY
    older = url_for(".past", instance_id=instance_id, before=rows[-1].id) if is_full else None
    row = instance_page.find(session(), actor, instance_id)
    names = instance_page.called(session(), row)
    return render("operation/past.html", row=row, names=names, tab="past", story=list(map(_told, rows)), older=older)


def chosen_from(given: Any, definition_id: int | None) -> Selection:
    """The selection that an address or a form names; what makes no sense is left out."""
    state = given.get("state", "")
    return Selection(
        definition_id=definition_id,
        state=state if state in CHOSEN_STATES else "running",
        element_id=given.get("element", "").strip(),
        incident=bool(given.get("incident")),
        number=given.get("number", "").strip(),
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
    )


def element_options(stand: instances.Stand, chosen: Selection) -> list[tuple[str, str]]:
    """The elements at which something stands, once each, and the one that is chosen."""
    found = {one.element_id: pick(one.name, one.name_en) for one in stand.places}
    if chosen.element_id:
        found.setdefault(chosen.element_id, chosen.element_id)
    return list(found.items())


def filters_of(given: Any) -> dict[str, str]:
    """The filters that are set, as they stand in an address."""
    return {name: text for name in FILTERS if (text := given.get(name, "").strip())}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _listed(chosen: Selection, after: int | None) -> Sequence[instances.InstanceRow]:
    return instances.listed(session(), current_actor(), chosen, after)


def _following(rows: Sequence[instances.InstanceRow], endpoint: str, **given: Any) -> str | None:
    """The address of the next page, if this one is full."""
    return url_for(endpoint, after=rows[-1].id, **given) if len(rows) == instances.PAGE else None


def _told(one: Past) -> dict[str, Any]:
    """One line of the history: what, where, and what is known of it."""
    where = pick(*one.names)
    text = happened(one.kind)
    notes = [
        Markup("{}: {}").format(name(words.DETAILS, key), _detail(key, value)) for key, value in one.detail.items()
    ]
    tone = "red" if one.kind == "incident.opened" else ""
    return {
        "text": Markup("{}: {}").format(text, where) if where else text,
        "at": one.at,
        "by": one.by,
        "note": Markup(" · ").join(notes),
        "tone": tone,
    }


def happened(kind: str) -> str:
    """What happened, in words; what has none, as it is written down."""
    if kind in words.HAPPENED:
        return str(words.HAPPENED[kind])
    return sentence(Event(clock.now(), kind, "", "", "", None, "")) or as_code(kind)


def _detail(key: str, value: Any) -> str:
    """A reason in its writer's words, everything else as the code or number that it is."""
    return str(value) if key == "reason" or isinstance(value, int) else as_code(str(value))


def as_code(text: str) -> Markup:
    """What is for machines, and the same in every language."""
    return Markup("<code>{}</code>").format(text) if text else Markup()


def _fact_row(one: Fact) -> list[Any]:
    hidden = gettext("tidak untuk operator")
    value = hidden if one.text is None else as_code(one.text)
    return [as_code(one.name), value, name(words.TYPES, one.kind)]


def groups_text(groups: Sequence[str]) -> str:
    """Which roles are asked to do a task."""
    roles = dict.fromkeys(name(ROLES, group.partition(":")[0]) for group in groups)
    return ", ".join(roles) or gettext("belum ada")


@blueprint.app_context_processor
def helpers() -> dict[str, Any]:
    """Words for the templates of all operators' pages."""
    return {
        "state_tag": lambda state: (name(words.STATES, state), words.TONES.get(state, "neutral")),
        "job_kind": lambda code: name(words.KINDS, code),
        "job_state": lambda code: name(words.JOB_STATES, code),
        "fact_kind": lambda code: name(words.TYPES, code),
        "problem": lambda code: name(words.PROBLEMS, code),
        "resolution": lambda code: name(words.RESOLUTIONS, code),
        "as_code": as_code,
        "groups_text": groups_text,
        "fact_rows": lambda facts: [_fact_row(one) for one in facts],
        "process_name": process_name,
        "pick": pick,
    }
