"""The sentences for forms: what is wrong with an answer and what to do, and how a stored answer is written."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from flask_babel import gettext

from forms import Component, Problem
from web import formats
from web.i18n import language

Params = Mapping[str, object]
_WORD = re.compile(r"\w{3,}")
_STEM = 5  # of a word: endings differ
# Words that a question and what is said of it share without being about the same.
_EMPTY_WORDS = frozenset(
    "ada adalah answer apa apakah atau bila dan dari dengan for jawab the tidak untuk yang yes".split()  # noqa: SIM905
)
_CHOOSING = ("select", "radio", "checklist")


def sentence(problem: str, component: Component | None, *, label: str = "") -> str:
    """Say what to do about one problem of one component (or of what `label` names), in the reader's language."""
    params = problem.params if isinstance(problem, Problem) else {}
    own = _own_words(str(problem), component)
    if own:
        return own
    label = component.label_in(language()) if component else label
    if problem == "required":
        return _required(component, label)
    make = _SENTENCES.get(str(problem))
    return make({**params, "label": label}) if make else gettext("%(label)s belum benar", label=label)


def with_question(text: str, label: str) -> str:
    """The sentence, with its question before it where it does not speak of it: "Mengancam jiwa? Jawab ya …"."""
    said = text.casefold()
    named = any(word[:_STEM] in said for word in _WORD.findall(label.casefold()) if word not in _EMPTY_WORDS)
    if named or not label:
        return text
    return f"{label} {text}" if label.endswith("?") else f"{label}: {text}"


def _own_words(code: str, component: Component | None) -> str:
    """The form's own wording, where its author gave one."""
    if component is None or code not in ("required", "check", "pattern"):
        return ""
    names = ("check:error", "error") if code == "check" else ("error",)
    for name in names:
        english = component.properties.get(f"{name}:en", "") if language() == "en" else ""
        if found := english or component.properties.get(name, ""):
            return found
    return ""


def _required(component: Component | None, label: str) -> str:
    kind = component.type if component else ""
    if kind in _CHOOSING:
        return gettext("Pilih %(label)s", label=label)
    if kind == "filepicker":
        return gettext("Unggah %(label)s", label=label)
    if kind == "checkbox":
        return gettext("Centang “%(label)s” untuk melanjutkan", label=label)
    if kind == "dynamiclist":
        return gettext("Tambahkan sedikitnya satu baris %(label)s", label=label)
    return gettext("Isi %(label)s", label=label)


def _number(value: object) -> str:
    return formats.number(value) if isinstance(value, int | float | Decimal) else str(value)


_SENTENCES: Mapping[str, Callable[[Params], str]] = {
    "too_short": lambda p: gettext(
        "%(label)s terlalu pendek: tulis sedikitnya %(limit)s huruf", label=p["label"], limit=_number(p["limit"])
    ),
    "too_long": lambda p: gettext(
        "%(label)s terlalu panjang: %(length)s huruf, paling banyak %(limit)s",
        label=p["label"],
        length=_number(p["length"]),
        limit=_number(p["limit"]),
    ),
    "too_small": lambda p: gettext("%(label)s paling kecil %(limit)s", label=p["label"], limit=_number(p["limit"])),
    "too_big": lambda p: gettext("%(label)s paling besar %(limit)s", label=p["label"], limit=_number(p["limit"])),
    "too_few": lambda p: gettext("Pilih sedikitnya %(limit)s %(label)s", label=p["label"], limit=p["limit"]),
    "too_many": lambda p: gettext("Pilih paling banyak %(limit)s %(label)s", label=p["label"], limit=p["limit"]),
    "too_few_rows": lambda p: gettext("Isi sedikitnya %(limit)s baris %(label)s", label=p["label"], limit=p["limit"]),
    "too_many_rows": lambda p: gettext("%(label)s paling banyak %(limit)s baris", label=p["label"], limit=p["limit"]),
    "too_many_files": lambda p: gettext("Unggah paling banyak %(limit)s berkas untuk %(label)s", **_only(p)),
    "too_many_decimals": lambda p: gettext("%(label)s paling banyak %(limit)s angka di belakang koma", **_only(p)),
    "not_whole": lambda p: gettext("%(label)s harus bilangan bulat, tanpa koma", label=p["label"]),
    "not_a_number": lambda p: gettext("Tulis %(label)s dengan angka, misalnya 350.000", label=p["label"]),
    "ambiguous_number": lambda p: gettext(
        "%(label)s dapat dibaca dua cara: tulis ribuan dengan titik, misalnya 350.000", label=p["label"]
    ),
    "not_a_date": lambda p: gettext("Tulis %(label)s sebagai tanggal, misalnya 12-03-2026", label=p["label"]),
    "no_such_date": lambda p: gettext("Tanggal pada %(label)s tidak ada di kalender: periksa lagi", label=p["label"]),
    "year_unlikely": lambda p: gettext("Periksa tahun pada %(label)s: %(year)s", label=p["label"], year=p["year"]),
    "not_a_time": lambda p: gettext("Tulis %(label)s sebagai jam, misalnya 14.30", label=p["label"]),
    "not_a_moment": lambda p: gettext("Tulis tanggal dan jam pada %(label)s", label=p["label"]),
    "not_a_choice": lambda p: gettext("Pilih %(label)s dari daftar", label=p["label"]),
    "not_a_phone": lambda p: gettext("Tulis %(label)s dengan angka, misalnya 0812 3456 7890", label=p["label"]),
    "not_a_village": lambda p: gettext("Pilih desa atau kelurahan dari daftar", label=p["label"]),
    "not_a_code": lambda p: gettext("Tulis %(label)s tanpa spasi: huruf, angka, titik, garis", label=p["label"]),
    "not_a_place": lambda p: gettext("Tulis titik lokasi sebagai lintang, bujur; misalnya -7.5458, 112.2331"),
    "pattern": lambda p: gettext("Bentuk %(label)s belum sesuai: periksa lagi", label=p["label"]),
    "outside_your_region": lambda p: gettext("Pilih desa di wilayah kerja Anda; kasus di luar wilayah diserahkan"),
    "file_empty": lambda p: gettext("Berkas untuk %(label)s kosong: pilih berkas lain", label=p["label"]),
    "file_too_big": lambda p: gettext("Berkas untuk %(label)s terlalu besar: paling besar 10 MB", label=p["label"]),
    "file_unknown_kind": lambda p: gettext("%(label)s harus foto (JPG, PNG, WebP) atau PDF", label=p["label"]),
    "file_damaged": lambda p: gettext("Berkas untuk %(label)s tidak dapat dibaca: unggah lagi", label=p["label"]),
    "check": lambda p: gettext("%(label)s belum sesuai: periksa lagi", label=p["label"]),
    "nik_not_16_digits": lambda p: gettext("NIK terdiri dari 16 angka; yang ditulis %(count)s angka", count=p["count"]),
    "nik_province_unknown": lambda p: gettext("NIK diawali kode provinsi; %(province)s tidak dikenal", **_only(p)),
    "nik_region_zero": lambda p: gettext("Kode kabupaten atau kecamatan pada NIK tidak boleh 00: periksa lagi"),
    "nik_birth_date_invalid": lambda p: gettext(
        "Tanggal lahir di dalam NIK tidak ada di kalender: periksa lagi angkanya"
    ),
    "nik_serial_zero": lambda p: gettext("Empat angka terakhir NIK tidak boleh 0000: periksa lagi"),
    "nik_district_unknown": lambda p: gettext(
        "Kode kecamatan %(district)s tidak ada di daftar terbaru; mungkin kode lama sebelum pemekaran", **_only(p)
    ),
    "nik_sex_differs": lambda p: gettext("Jenis kelamin menurut NIK berbeda dengan yang dipilih"),
    "nik_birth_date_differs": lambda p: gettext(
        "Tanggal lahir menurut NIK %(nik)s, berbeda dengan yang ditulis", nik=_date(p["nik"])
    ),
    "nik_century_ambiguous": lambda p: gettext(
        "NIK ini cocok dengan dua abad; usia 100 tahun atau lebih perlu dipastikan"
    ),
    "nik_reason_required": lambda p: gettext("Tulis mengapa NIK berbeda dengan jenis kelamin atau tanggal lahir"),
    "kk_not_16_digits": lambda p: gettext(
        "Nomor KK terdiri dari 16 angka; yang ditulis %(count)s angka", count=p["count"]
    ),
    "kk_province_unknown": lambda p: gettext("Nomor KK diawali kode provinsi; %(province)s tidak dikenal", **_only(p)),
    "kk_region_zero": lambda p: gettext("Kode kabupaten atau kecamatan pada nomor KK tidak boleh 00: periksa lagi"),
    "kk_date_invalid": lambda p: gettext("Tanggal di dalam nomor KK tidak ada di kalender: periksa lagi angkanya"),
    "kk_serial_zero": lambda p: gettext("Empat angka terakhir nomor KK tidak boleh 0000: periksa lagi"),
    "kk_district_unknown": lambda p: gettext(
        "Kode kecamatan %(district)s pada nomor KK tidak ada di daftar terbaru; mungkin kode lama", **_only(p)
    ),
}


def answer_text(component: Component, value: object, *, files: Mapping[str, str] | None = None) -> str:
    """Write a stored answer for reading: labels for choices, Rupiah, dates in words."""
    if value is None or value in ("", []):
        return "–"
    if component.type == "dynamiclist" and isinstance(value, list):
        return "; ".join(_row_text(component, row) for row in value)
    if component.options:
        return _choices(component, value)
    if component.type == "filepicker" and isinstance(value, list):
        return ", ".join((files or {}).get(str(item), gettext("berkas")) for item in value)
    if isinstance(value, bool):
        return gettext("Ya") if value else gettext("Tidak")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return _plain(component, value)


def _plain(component: Component, value: object) -> str:
    if isinstance(value, int | float | Decimal):
        return formats.rupiah(value) if component.format == "rupiah" else _with_unit(component, formats.number(value))
    if isinstance(value, datetime):
        return formats.datetime_text(value)
    if isinstance(value, date):
        return formats.date_text(value)
    if isinstance(value, time):
        return value.strftime("%H.%M")
    return str(value)


def _with_unit(component: Component, text: str) -> str:
    unit = unit_of(component)
    return f"{text} {unit}" if unit else text


def unit_of(component: Component) -> str:
    """The unit written behind a number: kg, orang, hari."""
    english = component.properties.get("unit:en", "") if language() == "en" else ""
    return english or component.properties.get("unit", "")


def _row_text(component: Component, row: Mapping[str, object]) -> str:
    shown = (
        answer_text(column, row.get(column.key)) for column in component.children if row.get(column.key) is not None
    )
    return ", ".join(shown)


def _choices(component: Component, value: object) -> str:
    labels: dict[object, str] = {option.answer: option.label_en or option.label for option in component.options}
    if language() != "en":
        labels = {option.answer: option.label for option in component.options}
    chosen = value if isinstance(value, list) else [value]
    return ", ".join(labels.get(item, str(item)) for item in chosen)


def _date(text: object) -> str:
    return formats.date_text(date.fromisoformat(str(text)))


def _only(params: Params) -> dict[str, object]:
    return dict(params)
