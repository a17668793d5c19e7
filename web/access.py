"""The data protection officer's page: who read or did what, with the chain that shows changes."""

from flask import Blueprint, request, url_for
from flask_babel import lazy_gettext as _

from engine.casework import access as log
from engine.permissions import Area
from engine.queries import administration as queries
from web import formats
from web.area import requires_area
from web.auth import current_actor
from web.db import session
from web.pages import render

blueprint = Blueprint("access", __name__, url_prefix="/access-log")

_ACTIONS = {
    "read": _("membaca"),
    "unmask": _("menampilkan nomor identitas"),
    "found": _("menemukan lewat pencarian"),
    "download": _("mengunduh berkas"),
    "break_glass": _("membuka darurat"),
    "grant": _("memberi akses"),
    "archive": _("memindahkan ke arsip"),
    "unarchive": _("mengembalikan dari arsip"),
    "hold": _("menahan dari arsip"),
    "release": _("mengakhiri penahanan dari arsip"),
    "operate": _("menjalankan tindakan operator"),
}

_SUBJECTS = {
    "person": _("warga nomor %(n)s"),
    "case": _("kasus nomor %(n)s"),
    "document": _("berkas nomor %(n)s"),
    "task": _("tugas nomor %(n)s"),
    "worker": _("petugas nomor %(n)s"),
    "instance": _("proses nomor %(n)s"),
    "incident": _("insiden nomor %(n)s"),
}


@blueprint.get("")
@requires_area(Area.ACCESS_LOG)
def index() -> str:
    """The log, newest first, filtered by case or worker."""
    case_no, username = request.args.get("q", ""), request.args.get("who", "")
    before = request.args.get("before", type=int)
    actor = current_actor()
    rows = queries.access_log(session(), actor, case_no=case_no, username=username, before=before)
    following = url_for(".index", q=case_no, who=username, before=rows[-1].id) if len(rows) == queries.PAGE else None
    return render("access/index.html", rows=rows, q=case_no, who=username, following=following)


@blueprint.get("/chain")
@requires_area(Area.ACCESS_LOG)
def chain() -> str:
    """Whether the log is whole, and still has the row whose mark was noted elsewhere."""
    actor = current_actor()
    number, mark = request.args.get("row", type=int), request.args.get("mark", "")
    return render(
        "access/chain.html",
        broken=log.chain_break(session(), actor),
        head=log.head(session(), actor),
        row=number,
        mark=mark,
        holds=log.holds(session(), actor, number, mark) if number is not None and mark else None,
    )


@blueprint.app_template_filter("access_action")
def access_action(code: str) -> str:
    """The words for an action of the log."""
    return str(_ACTIONS.get(code, code))


def _subject(row: queries.AccessRow) -> str:
    """The case it was about; without one, what kind of thing, and which."""
    words = _SUBJECTS.get(row.subject_kind)
    return row.case_no or (str(words) % {"n": row.subject_id} if words else "–")


@blueprint.context_processor
def helpers() -> dict[str, object]:
    """The rows of the table."""
    return {
        "access_rows": lambda rows: [
            [formats.datetime_text(row.at), row.who, access_action(row.action), _subject(row), row.reason or "–"]
            for row in rows
        ]
    }
