"""The navigation: which pages stand in the header, in the phone's bottom bar and on "Lainnya"."""

from dataclasses import dataclass

from flask import Flask, url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from web.auth import may_open


@dataclass(frozen=True, slots=True)
class Item:
    """One page in the navigation. `key` is what a page sets as `nav`; `short` is the phone's word."""

    key: str
    endpoint: str
    text: LazyString
    icon: str
    note: LazyString
    short: LazyString | None = None


ITEMS = (
    Item("tasks", "inbox.index", _("Tugas"), "tasks", _("Yang menunggu Anda kerjakan")),
    Item("approvals", "approvals.index", _("Persetujuan"), "approve", _("Usulan yang menunggu keputusan Anda"),
         _("Setujui")),
    Item("cases", "cases.index", _("Kasus"), "folder", _("Semua kasus di wilayah Anda")),
    Item("register", "register.search", _("Catat kasus"), "plus", _("Mulai dari pencarian, lalu isi laporan"),
         _("Catat")),
    Item("people", "people.index", _("Warga"), "person", _("Orang dan keluarga yang didampingi")),
    Item("team", "team.index", _("Tim"), "team", _("Beban kerja dan tugas yang lewat tenggat")),
    Item("operator", "cockpit.index", _("Operasi"), "pulse", _("Insiden, pekerjaan latar, dan balasan lembaga")),
    Item("intake", "intake.index", _("Laporan masuk"), "inbox", _("Laporan lembaga yang memulai penanganan")),
    Item("processes", "studio.index", _("Proses"), "flow", _("Diagram, tabel keputusan, dan formulir")),
    Item("access", "access.index", _("Log akses"), "eye", _("Siapa membaca data siapa")),
    Item("workers", "workers.index", _("Petugas"), "badge", _("Akun, peran, dan wilayah kerja")),
)  # fmt: skip
"""Every item, in the order of importance; a worker sees those that their roles may open."""

# On the header "register" is a button of the pages themselves; on phones it has the middle place.
_HEADER_HIDES = frozenset({"register"})
_PHONE_PLACES = 4


def init_app(app: Flask) -> None:
    """Give templates `navigation()` and `phone_navigation()`."""
    app.jinja_env.globals.update(navigation=navigation, phone_navigation=phone_navigation, home_url=home_url)


def navigation() -> list[Item]:
    """The header's items for the signed-in worker."""
    return [item for item in everything() if item.key not in _HEADER_HIDES]


def phone_navigation() -> list[Item]:
    """At most four items for the bottom bar; "Lainnya" is the fifth and holds the rest."""
    items = everything()
    first = [item for item in items if item.key != "register"][: _PHONE_PLACES - 1]
    register = [item for item in items if item.key == "register"]
    chosen = first[:2] + register + first[2:]
    return chosen if register else [item for item in items if item.key != "register"][:_PHONE_PLACES]


def everything() -> list[Item]:
    """All items that the signed-in worker may open."""
    return [item for item in ITEMS if may_open(item.endpoint)]


def home_url() -> str:
    """The first page a worker sees: the first item that is theirs."""
    items = navigation()
    return url_for(items[0].endpoint) if items else url_for("profile.show")
