"""The inbox: own tasks, the queue of one's groups, what is done; claim and release."""

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import clock
from engine.casework import tasks
from engine.errors import TaskNotOpen
from engine.permissions import Area
from engine.queries import inbox as queries
from engine.queries.inbox import Filters, Item
from web.area import requires_area
from web.auth import current_actor, may_open
from web.client_words import process_name, short_name
from web.db import session
from web.i18n import pick
from web.inbox_words import reason
from web.pages import is_own_path, render
from web.sealed import seal, searched, to_list

blueprint = Blueprint("inbox", __name__)

TABS: tuple[queries.Tab, ...] = ("mine", "queue", "done")
_NAMES = ("process", "element", "region", "priority", "due")


@blueprint.get("/tasks")
@requires_area(Area.INBOX)
def index() -> str:
    """One tab of the inbox, filtered, one page."""
    tab = next((name for name in TABS if name == request.args.get("tab")), TABS[0])
    filters = _filters()
    page = queries.page(session(), current_actor(), tab, filters)
    return render(
        "inbox/index.html",
        fragments=("rows",),
        tab=tab,
        page=page,
        filters=filters,
        processes=_processes(page),
        link=lambda **changed: _address(tab, replace(filters, **changed)),
        steps=[(step.element_id, f"{pick(step.name, step.name_en)} ({step.count})") for step in page.steps],
        client=_client,
        reason=reason,
        process_name=process_name,
        pick=pick,
        may_open=may_open,
        today=clock.now(),
    )


@blueprint.post("/tasks/find")
@requires_area(Area.INBOX)
def find() -> ResponseReturnValue:
    """Search and filter. A post, so that names stand in no address."""
    return to_list("inbox.index", ("tab", *_NAMES, "sort"))


@blueprint.post("/tasks/<int:task_id>/claim")
@requires_area(Area.INBOX)
def claim(task_id: int) -> ResponseReturnValue:
    """Take a task from the queue and open it. Who comes second is told so on the list."""
    try:
        task = tasks.claim(session(), current_actor(), task_id)
    except TaskNotOpen:
        flash(gettext("Tugas itu baru saja diambil rekan lain. Daftar di bawah ini sudah diperbarui."), "warning")
        return _back("queue")
    said = gettext(
        "“%(task)s” sekarang tugas Anda. Tugas ini ada di “Milik saya” sampai Anda selesai atau mengembalikannya.",
        task=pick(task.name, task.name_en),
    )
    flash(said, "success")
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@blueprint.post("/tasks/<int:task_id>/release")
@requires_area(Area.INBOX)
def release(task_id: int) -> ResponseReturnValue:
    """Give a task back to the queue; what was typed stays in one's draft."""
    tasks.release(session(), current_actor(), task_id)
    flash(gettext("Tugas dikembalikan ke antrean. Draf Anda tetap tersimpan."), "success")
    return _back()


def _back(tab: queries.Tab = "mine") -> ResponseReturnValue:
    """To the list that the form named (a path of ours), else to a tab."""
    wanted = request.form.get("next", "")
    is_list = is_own_path(wanted) and wanted.startswith("/tasks")
    target = wanted if is_list else url_for("inbox.index", tab=None if tab == "mine" else tab)
    return redirect(target, 303)


def _filters() -> Filters:
    given = request.args
    return Filters(
        **{name: given.get(name, "").strip() for name in _NAMES},
        text=searched(),
        sort="due" if given.get("sort") == "due" else "rank",
        after=given.get("after", ""),
        before=given.get("before", ""),
    )


def _address(tab: queries.Tab, filters: Filters) -> str:
    """The address of the list with these filters; what stands at its usual value is left out."""
    values = {name: str(getattr(filters, name)) for name in (*_NAMES, "after", "before")}
    values |= {"tab": "" if tab == TABS[0] else tab, "sort": "" if filters.sort == "rank" else "due"}
    values["find"] = seal(filters.text)
    given = {name: value for name, value in values.items() if value}
    return url_for("inbox.index") + (f"?{urlencode(given)}" if given else "")


def _processes(page: queries.Inbox) -> list[tuple[str, str]]:
    return [(process_id, process_name(process_id)) for process_id in sorted({step.process_id for step in page.steps})]


def _client(item: Item) -> str:
    return short_name(item.client_name, item.client_sex, item.client_birth_date)
