"""People: search, and one person's page with households and cases; numbers masked until asked for."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.casework import people
from engine.casework.people import Numbers
from engine.errors import InvalidForm
from engine.permissions import Area
from engine.queries import archived
from engine.queries import people as queries
from engine.queries.people import PersonPage
from web import formats
from web.auth import current_actor, may_open, requires
from web.case_words import FOUND_BY, RELATIONS
from web.client_words import age_of
from web.db import session
from web.pages import render
from web.words import name

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("")
@requires(Area.CASES)
def index() -> str:
    """The search."""
    return render("people/index.html", found=None, text="", **_WORDS)


@blueprint.post("")
@requires(Area.CASES)
def results() -> str:
    """Who was found. A post, so that names and numbers stand in no address and no log."""
    text = request.form.get("q", "").strip()
    found = queries.search(session(), current_actor(), text) if text else None
    gone = archived.search(session(), current_actor(), text)
    people.record_found(session(), current_actor(), [one.id for one in found or ()])
    people.record_archived(session(), current_actor(), [one.case_id for one in gone])
    return render("people/index.html", fragments=("results",), found=found, text=text, archived_cases=gone, **_WORDS)


_WORDS: dict[str, Any] = {
    "found_by": lambda codes: ", ".join(name(FOUND_BY, code) for code in codes),
    "age_of": age_of,
    "may_open": may_open,
}


@blueprint.get("/<int:person_id>")
@requires(Area.CASES)
def show(person_id: int) -> str:
    """A person, as far as the actor may know them."""
    return _page(queries.page(session(), current_actor(), person_id))


@blueprint.post("/<int:person_id>/numbers")
@requires(Area.CASES)
def numbers(person_id: int) -> ResponseReturnValue:
    """Show the numbers in full, once, for a reason that is kept."""
    page = queries.page(session(), current_actor(), person_id)
    try:
        found = people.show_numbers(session(), current_actor(), person_id, request.form.get("reason", ""))
    except InvalidForm:
        return _page(page, errors={"reason": [gettext("Tulis untuk apa nomor ini diperlukan.")]}), 422
    return _page(page, numbers=found)


def _page(page: PersonPage, *, numbers: Numbers | None = None, errors: dict[str, list[str]] | None = None) -> str:
    people.record_read(session(), current_actor(), page.person.id)
    return render(
        "people/show.html",
        page=page,
        person=page.person,
        rows=_rows(page, numbers),
        shows_numbers=numbers is not None,
        errors=errors or {},
        relation_name=lambda code: name(RELATIONS, code),
        **_WORDS,
    )


def _rows(page: PersonPage, numbers: Numbers | None) -> list[tuple[str, str]]:
    person, age = page.person, age_of(page.person.birth_date)
    born = formats.date_text(person.birth_date) if person.birth_date else ""
    nik = numbers.nik if numbers else person.nik and formats.masked(person.nik)
    phone = numbers.phone if numbers else person.phone and formats.masked(person.phone)
    rows = [
        (gettext("NIK"), nik or person.temp_id or gettext("belum ada")),
        (gettext("No. KK"), numbers.kk_no if numbers else None),
        (gettext("Jenis kelamin"), {"L": gettext("Laki-laki"), "P": gettext("Perempuan")}.get(person.sex or "")),
        (gettext("Lahir"), gettext("%(born)s (%(age)s tahun)", born=born, age=age) if born else ""),
        (gettext("Telepon"), phone),
        (gettext("Alamat"), person.address),
        (gettext("Desa"), page.village),
        (gettext("Meninggal"), formats.date_text(person.died_on) if person.died_on else ""),
    ]
    return [(label, value) for label, value in rows if value]
