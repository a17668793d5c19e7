"""The history in words: one sentence for each thing that happened; steps that only machines care about are left out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from engine.queries.walks import Event
from web.i18n import pick


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    text: str
    at: datetime
    by: str = ""
    now: bool = False
    tone: str = ""


_AT_ELEMENT: Mapping[str, Callable[[str], str]] = {
    "task.claimed": lambda name: gettext("%(name)s diambil", name=name),
    "task.released": lambda name: gettext("%(name)s dikembalikan ke antrean", name=name),
    "task.assigned": lambda name: gettext("%(name)s diserahkan", name=name),
    "task.completed": lambda name: gettext("%(name)s selesai", name=name),
    "timer.fired": lambda name: gettext("Tiba waktunya: %(name)s", name=name),
    "message.received": lambda name: gettext("Kabar diterima: %(name)s", name=name),
    "incident.opened": lambda name: gettext("Terhenti: %(name)s", name=name),
    "incident.retried": lambda name: gettext("Dicoba lagi: %(name)s", name=name),
    "task.reminded": lambda name: gettext("Diingatkan: %(name)s", name=name),
    "job.done": lambda name: gettext("%(name)s (otomatis)", name=name),
}
_PLAIN: Mapping[str, LazyString] = {
    "case.opened": _("Kasus dicatat"),
    "case.access_granted": _("Rekan ditunjuk untuk kasus terbatas"),
    "case.glass_broken": _("Kasus terbatas dibuka dalam keadaan darurat"),
    "case.consent_withdrawn": _("Persetujuan ditarik"),
    "case.client_died": _("Klien dilaporkan meninggal"),
    "case.client_moved": _("Klien dilaporkan pindah"),
    "case.new_danger": _("Bahaya baru dilaporkan"),
    "case.moved": _("Kasus dipindahkan ke kecamatan baru"),
    "person.merged": _("Dua catatan orang yang sama digabung"),
    "document.added": _("Dokumen ditambahkan"),
    "note.added": _("Catatan ditambahkan"),
    "instance.suspended": _("Proses ditahan"),
    "instance.resumed": _("Proses dilanjutkan"),
    "instance.cancelled": _("Proses dibatalkan"),
    "instance.migrated": _("Kasus dipindahkan ke versi alur yang baru"),
    "instance.migration_taken_back": _("Kasus kembali ke versi alur semula"),
    "instance.moved": _("Operator memindahkan kasus ke langkah lain"),
    "instance.corrected": _("Operator memperbaiki sebuah fakta"),
    "instance.timer_fired": _("Operator memajukan sebuah tenggat"),
    "message.received": _("Kabar dari luar diterima"),
}
_TONES = {"case.new_danger": "red", "incident.opened": "red", "case.glass_broken": "amber"}


def timeline(events: Iterable[Event], *, most: int = 0) -> list[Entry]:
    """Newest first; the newest is marked. `most` 0 means all."""
    entries = [entry for entry in map(_entry, events) if entry is not None][::-1]
    if entries:
        first = entries[0]
        entries[0] = Entry(first.text, first.at, first.by, True, first.tone)
    return entries[:most] if most else entries


def _entry(event: Event) -> Entry | None:
    text = sentence(event)
    return Entry(text, event.at, event.by, tone=_TONES.get(event.kind, "")) if text else None


def sentence(event: Event) -> str:
    """What happened, or nothing for steps that are not told."""
    name = pick(event.name, event.name_en)
    if name and event.kind in _AT_ELEMENT:
        return _AT_ELEMENT[event.kind](name) + _missed(event.missed)
    return str(_PLAIN.get(event.kind, ""))


def _missed(times: int) -> str:
    if not times:
        return ""
    said = ngettext(
        "terlewat %(num)d kali lagi selagi Pilar berhenti, dijalankan sekali",
        "terlewat %(num)d kali lagi selagi Pilar berhenti, dijalankan sekali",
        times,
    )
    return f" ({said})"
