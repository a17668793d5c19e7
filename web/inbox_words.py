"""Why a task stands where it stands in the list, in words."""

from flask_babel import gettext

from engine import clock
from engine.queries.inbox import Item
from web import formats
from web.i18n import pick


def reason(item: Item) -> str:
    """Deadline, urgency and waiting time, and why the task exists: what put it at this place."""
    parts = [_deadline(item), _urgency(item), _waiting(item)]
    said = " · ".join(part for part in parts if part) or pick(item.why, item.why_en)
    return said[:1].upper() + said[1:]


def _deadline(item: Item) -> str:
    if item.due_at is None:
        return ""
    if item.due_at < clock.now():
        return gettext("Lewat tenggat")
    return gettext("Jatuh tempo %(when)s", when=formats.due(item.due_at)) if formats.due_tone(item.due_at) else ""


def _urgency(item: Item) -> str:
    return {1: gettext("dahulukan: ancaman jiwa"), 2: gettext("mendesak")}.get(item.urgency, "")


def _waiting(item: Item) -> str:
    seconds = (clock.now() - item.created_at).total_seconds()
    if seconds < 3600:
        return gettext("baru masuk")
    return gettext("menunggu %(length)s", length=formats.duration(seconds))
