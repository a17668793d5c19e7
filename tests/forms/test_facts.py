"""What the process sees, what the record gets, what changed."""

from decimal import Decimal

import forms
from tests.forms.builders import check, component, form

MEMBERS = component(
    "dynamiclist",
    "members",
    properties={"record": "household.members"},
    components=[
        component("textfield", "who", properties={"personal": "true", "record": "member.name"}),
        component("number", "age", properties={"fact": "true"}),
    ],
)
FAMILY = form(
    component("textfield", "client_name", properties={"personal": "true", "record": "person.name"}),
    component("number", "income", "Penghasilan", properties={"fact": "true", "format": "rupiah"}),
    component("textarea", "story", "Cerita"),
    MEMBERS,
)
ANSWERS = check(
    FAMILY, {"client_name": "Siti Contoh", "income": "350.000", "members": [{"who": "Budi Contoh", "age": 7}]}
).answers


def test_facts_hold_no_names() -> None:
    assert forms.facts_of(FAMILY, ANSWERS) == {"income": Decimal(350000), "members": [{"age": 7}]}


def test_an_unanswered_fact_is_null_so_that_it_clears() -> None:
    assert forms.facts_of(FAMILY, {}) == {"income": None, "members": None}


def test_records_by_path() -> None:
    assert forms.records_of(FAMILY, ANSWERS) == {
        "person.name": "Siti Contoh",
        "household.members": [{"member.name": "Budi Contoh", "age": Decimal(7)}],
    }
    assert [binding.path for binding in forms.bindings(FAMILY)] == ["person.name", "household.members"]
    assert forms.personal_keys(FAMILY) == {"client_name", "members"}


def test_changes_name_the_field_the_row_and_both_values() -> None:
    after = {
        **ANSWERS,
        "income": Decimal(400000),
        "story": "Baru",
        "members": [*ANSWERS["members"], {"who": "Ani", "age": 2}],
    }
    found = forms.changes(FAMILY, ANSWERS, after)
    assert [(change.component.key, change.kind, change.row) for change in found] == [
        ("income", "changed", None), ("story", "added", None), ("who", "added", 2), ("age", "added", 2),
    ]  # fmt: skip
    assert forms.changes(FAMILY, ANSWERS, dict(ANSWERS)) == ()


def test_two_versions_of_a_form_are_compared_by_question() -> None:
    new = form(
        component("textfield", "client_name", "Nama lengkap", properties={"personal": "true", "record": "person.name"}),
        component("number", "income", "Penghasilan", properties={"fact": "true", "format": "rupiah"}),
        component("number", "expense", "Pengeluaran"),
        MEMBERS,
    )
    assert {change.key: change.kind for change in forms.form_changes(FAMILY, new)} == {
        "client_name": "changed", "story": "removed", "expense": "added",
    }  # fmt: skip
