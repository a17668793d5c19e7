"""Moving the instances of a version to another one: the plan, a trial on some of them, then an order for all."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from engine.casework import batches, migration, migration_plan, operation
from engine.casework.migration import Route
from engine.casework.migration_plan import InvalidPlan
from engine.casework.selection import Selection
from engine.errors import InvalidForm
from engine.permissions import Area
from engine.queries import instances
from web import cockpit_words as words
from web.area import requires_area
from web.auth import current_actor
from web.cockpit_batches import ACTIONS, version_url
from web.cockpit_orders import MISTAKES
from web.db import session
from web.pages import render
from web.words import name

blueprint = Blueprint("migrations", __name__, url_prefix="/operation")

TRIED = 50
"""So many instances are looked at before an order; each is looked at again when it is moved."""


@blueprint.get("/versions/<int:definition_id>/migrate")
@requires_area(Area.OPERATION)
def ask(definition_id: int) -> str:
    """Where to, and what stands for what there."""
    return _ask_page(definition_id, {})


@blueprint.post("/versions/<int:definition_id>/migrate")
@requires_area(Area.OPERATION)
def send(definition_id: int) -> ResponseReturnValue:
    """First try it on some and tell; ordered once it is confirmed."""
    actor, reason = current_actor(), request.form.get("reason", "")
    row = instances.version(session(), actor, definition_id)
    key = request.form.get("_key") or secrets.token_urlsafe(12)
    try:
        plan = migration_plan.read(request.form.get("plan", ""))
        to = request.form.get("to", 0, type=int)
        if to == row.number or to not in instances.numbers(session(), actor, row.family):
            raise InvalidForm({"to": ["missing"]})
        operation.reason_of(reason)
        way = migration.route(session(), actor, row.family, row.number, to, plan)
        if request.form.get("sure"):
            run = migration.begin(session(), actor, way, reason)
            chosen = Selection(definition_id=definition_id)
            number = batches.order(session(), actor, "migrate", chosen, reason, key, run_id=run.id)
            return redirect(url_for("batches.show", batch_id=number), 303)
        lines = _tried(way)
    except InvalidPlan as error:
        return _ask_page(definition_id, {"plan": error.problems}), 422
    except InvalidForm as error:
        wrong = {field: [name(MISTAKES, code) for code in codes] for field, codes in error.messages.items()}
        return _ask_page(definition_id, wrong), 422
    return render(
        "operation/sure.html",
        back=version_url(definition_id, {}),
        about=gettext("dari versi %(old)s ke versi %(new)s", old=row.number, new=to),
        title=name(ACTIONS, "migrate"),
        effect=gettext("Yang terhalang tetap pada versinya, dengan sebabnya. Dapat dikembalikan selama belum maju."),
        lines=lines,
        reason=reason,
        fields={"to": str(to), "plan": request.form.get("plan", "")},
        key=key,
        is_final=False,
    )


def _tried(way: Route) -> list[str]:
    """What moving some instances would do: how many can, and what stands against the others."""
    actor = current_actor()
    rows = instances.listed(session(), actor, Selection(definition_id=way.old.id))[:TRIED]
    if not rows:
        raise InvalidForm({"to": ["nothing_chosen"]})
    moves = [migration.look(session(), actor, way, row.id) for row in rows]
    can = sum(1 for move in moves if not move.obstacles)
    why = Counter(name(words.OBSTACLES, one.code) for move in moves for one in move.obstacles[:1])
    return [
        gettext("%(can)s dari %(tried)s yang diperiksa dapat dipindahkan.", can=can, tried=len(moves)),
        *(
            ngettext("%(num)d proses terhalang: %(why)s.", "%(num)d proses terhalang: %(why)s.", count, why=text)
            for text, count in why.most_common()
        ),
    ]


def _ask_page(definition_id: int, errors: Mapping[str, Sequence[str]]) -> str:
    actor = current_actor()
    row = instances.version(session(), actor, definition_id)
    numbers = [number for number in instances.numbers(session(), actor, row.family) if number != row.number]
    to = request.values.get("to", numbers[0] if numbers else row.number, type=int)
    plan = request.form.get("plan")
    if plan is None:
        plan = migration.proposed(session(), actor, row.family, row.number, to) if to in numbers else ""
    return render(
        "operation/migrate.html",
        row=row,
        options=[(str(number), gettext("versi %(n)s", n=number)) for number in numbers],
        to=str(to),
        plan=plan,
        reason=request.form.get("reason", ""),
        errors=errors,
    )
