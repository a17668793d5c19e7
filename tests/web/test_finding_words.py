"""The check speaks the reader's language, about every code that the engine's catalogue has."""

import re

import pytest
from flask import Flask
from flask_babel import force_locale

from engine.bpmn.findings import CATALOGUE, Findings
from tests.bpmn import diagrams as d
from web.element_words import called
from web.finding_words import WORDS, said

_HOLE = re.compile(r"{(\w+)}")


def test_every_code_has_words_with_the_same_parts() -> None:
    assert set(WORDS) == set(CATALOGUE)
    for code, (_, reason, mend) in CATALOGUE.items():
        assert (set(_HOLE.findall(WORDS[code][0])), set(_HOLE.findall(WORDS[code][1]))) == (
            set(_HOLE.findall(reason)),
            set(_HOLE.findall(mend)),
        ), code


@pytest.mark.parametrize(
    ("locale", "reason", "mend"),
    [
        ("id", "syarat alur f1 harus berupa ungkapan", 'Awali dengan "=".'),
        ("en", "the condition of f1 must be an expression", 'Begin it with "=".'),
    ],
)
def test_a_finding_in_both_languages(app: Flask, locale: str, reason: str, mend: str) -> None:
    findings = Findings()
    findings.add("not_an_expression", "p.bpmn", "g", "Mendesak?", what="the condition of f1")
    with app.test_request_context(), force_locale(locale):
        words = said(findings[0], {})
    assert (words.where, words.reason, words.mend) == ("Mendesak?", reason, mend)


def test_what_a_diagram_says_is_not_taken_for_a_pattern(app: Flask) -> None:
    findings = Findings()
    findings.add("bad_expression", "p.bpmn", "s", what="the timer", detail="{x} cannot stand here")
    with app.test_request_context(), force_locale("id"):
        assert said(findings[0], {}).reason == "pengatur waktu tidak dapat dibaca: {x} cannot stand here"


@pytest.mark.parametrize(
    ("locale", "where", "reason"),
    [
        (
            "id",
            "gerbang pilihan tunggal setelah “Triase”",
            "alur dari gerbang pilihan tunggal ke “Akhir” tidak mempunyai syarat dan bukan jalan bawaan",
        ),
        (
            "en",
            "exclusive gateway after “Triase”",
            "flow from exclusive gateway to “Akhir” has no condition and is not the default",
        ),
    ],
)
def test_what_has_no_name_is_told_by_kind_and_place(app: Flask, locale: str, where: str, reason: str) -> None:
    findings = Findings()
    findings.add("condition_missing", "p.bpmn", "g", detail="f2")
    drawing = d.process(
        d.start(), d.user("t", name="Triase"), d.gateway("exclusive", "g"), d.user("e", name="Akhir"),
        d.flow("start", "t"), d.flow("t", "g"), d.flow("g", "e", id="f2"),
    )  # fmt: skip
    with app.test_request_context(), force_locale(locale):
        words = said(findings[0], called({"p.bpmn": drawing}))
    assert (words.where, words.reason) == (where, reason)
