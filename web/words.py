"""The field's words for codes that are stored: roles, units, statuses, priorities, phases. One name per idea."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

Words = Mapping[str, LazyString]

ROLES: Words = {
    "tksk": _("TKSK"),
    "psm": _("PSM"),
    "pendamping_pkh": _("Pendamping PKH"),
    "tagana": _("Tagana"),
    "peksos": _("Pekerja sosial"),
    "fo": _("Petugas loket"),
    "bo": _("Staf seksi"),
    "kabid": _("Kepala bidang"),
    "kadis": _("Kepala dinas"),
    "camat": _("Camat"),
    "analyst": _("Analis proses"),
    "operator": _("Operator"),
    "admin": _("Pengelola akun"),
    "dpo": _("Pelindung data pribadi"),
}

UNITS: Words = {
    "rehsos": _("Bidang Rehabilitasi Sosial"),
    "linjamsos": _("Bidang Perlindungan dan Jaminan Sosial"),
    "dayasos": _("Bidang Pemberdayaan Sosial"),
    "pfm": _("Bidang Penanganan Fakir Miskin"),
    "sekretariat": _("Sekretariat"),
}

CASE_STATUS: Words = {
    "draft": _("Draf"),
    "registered": _("Tercatat"),
    "assessed": _("Sudah diasesmen"),
    "planned": _("Ada rencana"),
    "awaiting_approval": _("Menunggu persetujuan"),
    "referred": _("Dirujuk"),
    "in_service": _("Dalam layanan"),
    "monitoring": _("Dipantau"),
    "terminated": _("Pendampingan berakhir"),
    "closed": _("Ditutup"),
    "rejected": _("Ditolak"),
    "withdrawn": _("Ditarik klien"),
    "transferred": _("Dialihkan"),
    "died": _("Klien meninggal"),
    "duplicate": _("Duplikat"),
}

# Colour only where it means something: who must act, what went well, what ended otherwise.
CASE_TONES: Mapping[str, str] = {
    "awaiting_approval": "amber",
    "referred": "brand",
    "in_service": "brand",
    "monitoring": "brand",
    "closed": "green",
    "rejected": "red",
}

PRIORITIES: Words = {
    "P1": _("P1 · ancaman jiwa"),
    "P2": _("P2 · mendesak"),
    "P3": _("P3 · biasa"),
    "P4": _("P4 · tidak mendesak"),
}

PHASES: Words = {
    "laporan": _("Laporan"),
    "verifikasi": _("Verifikasi"),
    "persetujuan": _("Persetujuan klien"),
    "asesmen": _("Asesmen"),
    "rencana": _("Rencana"),
    "rujukan": _("Rujukan"),
    "pendampingan": _("Pendampingan"),
    "penutupan": _("Penutupan"),
}
"""The steps of the stepper, in order; `phase` of a user task names one."""


def init_app(app: Flask) -> None:
    """Give templates the filters `role_name`, `unit_name`, `status_name` and the list `PHASES`."""
    app.jinja_env.filters.update(
        role_name=lambda code: name(ROLES, code),
        unit_name=lambda code: name(UNITS, code),
        status_name=lambda code: name(CASE_STATUS, code),
        status_tone=lambda code: CASE_TONES.get(code or "", "neutral"),
    )
    app.jinja_env.globals["PHASES"] = PHASES


def name(words: Words, code: str | None) -> str:
    """The word for a code; an unknown code stands for itself."""
    return str(words.get(code, code)) if code else "–"
