"""Approvals: what waits for a second pair of eyes, and one decision with its evidence side by side."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

import forms
from engine import foresight
from engine.casework import access, cases, tasks
from engine.errors import Conflict, InvalidForm
from engine.permissions import Area, FourEyes
from engine.queries import approvals as queries
from engine.queries import task_page
from engine.queries.approvals import Evidence
from engine.queries.evidence import office_names
from engine.queries.task_page import TaskPage
from forms import Component, raw
from web import approval_view, case_view, decision_form
from web.answer_view import Words
from web.auth import current_actor, requires
from web.client_words import process_name
from web.db import session
from web.form_view import Drawing, File, change_rows
from web.i18n import pick
from web.outcome_view import results
from web.pages import render
from web.task_view import conflict_view, rules, typed_list, why

blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")

_OURS = {"csrf_token", "_form", "_key"}


@blueprint.get("")
@requires(Area.APPROVALS)
def index() -> str:
    """Decisions that wait for the actor, those due first."""
    decided = queries.decided(session(), current_actor())
    names = office_names(session(), [one.sent for one in decided if one.sent])
    return render(
        "approvals/index.html",
        waiting=queries.waiting(session(), current_actor()),
        decided=[(one, approval_view.made(one, Words(names=names))) for one in decided],
        meta=approval_view.item_meta,
        times_text=approval_view.times_text,
        process_name=process_name,
        pick=pick,
    )


@blueprint.get("/<int:task_id>")
@requires(Area.APPROVALS)
def show(task_id: int) -> str:
    """The evidence and the decision."""
    page = task_page.page(session(), current_actor(), task_id)
    return _page(page, page.draft if page.draft is not None else {})


@blueprint.post("/<int:task_id>")
@requires(Area.APPROVALS)
def decide(task_id: int) -> ResponseReturnValue:
    """Send the decision; or keep the draft, add or take away a row."""
    action, typed = request.form.get("_form", "complete"), _typed()
    if action != "complete":
        return _keep(task_id, typed, action)
    try:
        tasks.complete(session(), current_actor(), task_id, typed, idempotency_key=request.form.get("_key"))
    except InvalidForm as error:
        session().rollback()
        return _again(task_id, typed, error)
    except FourEyes:
        session().rollback()
        return make_response(_page(task_page.page(session(), current_actor(), task_id), typed), 403)
    except Conflict:
        session().rollback()
        page = task_page.page(session(), current_actor(), task_id)
        view = render("tasks/conflict.html", **conflict_view(page), typed=typed_list(page.form, typed))
        return make_response(view, 409)
    flash(gettext("Keputusan dikirim. Kasus berlanjut menurut keputusan Anda."), "success")
    return redirect(url_for(".index"), 303)


def _keep(task_id: int, typed: dict[str, Any], action: str) -> ResponseReturnValue:
    page = task_page.page(session(), current_actor(), task_id)
    if page.form is not None and action != "draft":
        typed = change_rows(page.form, typed, action)
    tasks.save_draft(session(), current_actor(), task_id, typed, page.form.hash if page.form else "")
    anchor = action.split(":")[1] if ":" in action else None
    return redirect(url_for(".show", task_id=task_id, _anchor=anchor), 303)


def _again(task_id: int, typed: dict[str, Any], error: InvalidForm) -> ResponseReturnValue:
    page = task_page.page(session(), current_actor(), task_id)
    if page.form is None:
        raise error
    result = forms.check(page.form, typed, page.situation)
    errors: dict[str, Sequence[str]] = {**result.errors, **error.messages}
    return make_response(_page(page, typed, errors=errors), 422)


def _page(page: TaskPage, typed: Mapping[str, Any], *, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    actor, task = current_actor(), page.task
    evidence = queries.behind(session(), actor, task.id)
    if page.case is not None:
        cases.record_read(session(), actor, page.case)
    else:
        access.record_task_read(session(), actor, task.id)
    obstacle = approval_view.obstacle(page)
    choice = decision_form.chooser(page.form) if page.form else None
    return render(
        "approvals/show.html",
        task=task,
        page=page,
        evidence=evidence,
        title=pick(task.name, task.name_en),
        sub=approval_view.sub(page, evidence),
        why=why(page),
        rules=rules(page),
        obstacle=obstacle,
        form=_form(page.form, page, evidence, typed, errors or {}) if page.form and not obstacle else None,
        buttons=_buttons(page, choice) if not obstacle else [],
        decision_key=choice.key if choice else "",
        parts=approval_view.parts(evidence),
        results=results(page.outcomes),
        changes=approval_view.changes(evidence),
        pins=approval_view.general_pins(evidence),
        is_answered=lambda pin: approval_view.is_answered(pin, evidence),
        decisions=[one for one in evidence.sent if one.is_decision][::-1],
        decision_text=approval_view.decision_text,
        client_rows=case_view.client_rows(evidence.case, None) if evidence.case else [],
        case_rows=case_view.case_rows(evidence.case) if evidence.case else [],
        key=request.form.get("_key") or secrets.token_urlsafe(16),
    )


def _form(
    form: forms.Form, page: TaskPage, evidence: Evidence, typed: Mapping[str, Any], errors: Mapping[str, Sequence[str]]
) -> decision_form.Asked:
    choice = decision_form.chooser(form)
    visibility = decision_form.visible_for_any(form, choice, typed, page.situation)
    choices = {**page.choices, decision_form.ANSWERED: decision_form.answered_fields(evidence.latest)}
    files = {str(paper.id): File(str(paper.id), paper.name) for paper in page.papers}
    drawing = Drawing(typed, visibility, errors, choices=choices, files=files)
    return decision_form.draw_without(form, choice, drawing, page.situation)


def _buttons(page: TaskPage, choice: Component | None) -> list[decision_form.Button]:
    if choice is None:
        return []
    tried = foresight.outcomes(
        session(), current_actor(), page.task, choice.key, [option.value for option in choice.options]
    )
    return decision_form.buttons(choice, page.task.properties, tried)


def _typed() -> dict[str, Any]:
    return {field: value for field, value in raw.as_lists(request.form).items() if field not in _OURS}
