"""How a client is named: by initials in lists and beside forms, in full only where the reader asked for it."""

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from engine import clock
from web.formats import local

PROCESSES: Mapping[str, LazyString] = {
    "case": _("Penanganan kasus"),
    "pkh": _("PKH"),
    "pkh_group": _("Kelompok PKH"),
    "tagana": _("Tagana"),
    "rehabilitation": _("Rehabilitasi sosial"),
    "emergency": _("Perlindungan darurat"),
}
_ADULT = 18


def age_of(birth_date: date | None) -> int | None:
    """Full years today at the reader's place."""
    if birth_date is None:
        return None
    today = local(clock.now()).date()
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def short_name(name: str, sex: str | None, birth_date: date | None) -> str:
    """ "Ny. R., 74 th": enough to tell rows apart, not enough to name somebody."""
    if not name.strip():
        return ""
    if not _is_known(name):
        return full_name(name)
    age = age_of(birth_date)
    initial = f"{name.strip()[0].upper()}."
    form = _address(sex, age)
    shown = f"{form} {initial}" if form else initial
    return gettext("%(who)s, %(age)s th", who=shown, age=age) if age is not None else shown


def full_name(name: str) -> str:
    """The name as recorded; of a report that came by message, in words that nobody has recorded one yet."""
    return name if _is_known(name) else gettext("Nama belum dicatat")


def _is_known(name: str) -> bool:
    return any(letter.isalnum() for letter in name)


def _address(sex: str | None, age: int | None) -> str:
    if age is not None and age < _ADULT:
        return gettext("An.")
    return {"L": gettext("Tn."), "P": gettext("Ny.")}.get((sex or "").upper()[:1], "")


def process_name(process_id: str) -> str:
    """The word for a process in lists and filters."""
    return str(PROCESSES.get(process_id, process_id))
