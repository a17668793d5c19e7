"""The table check: overlaps and gaps with a counter-example, and other things to mend."""

import pytest

from engine import decisions
from tests.decisions.models import data, decision, model, table


def _found(
    hit: str, inputs: list[str], outputs: list[str], rows: list[str]
) -> list[tuple[str, tuple[int, ...], dict[str, str]]]:
    xml = model(data("n", "s", "b") + decision("d", table(hit, inputs, outputs, rows), ["#n", "#s", "#b"]))
    findings = decisions.check_model(decisions.parse(xml))
    return [(each.code, each.rules, each.example) for each in findings]


@pytest.mark.parametrize(
    ("hit", "rows", "expected"),
    [
        ("UNIQUE", ["< 10 | 1", ">= 10 | 2"], []),
        ("UNIQUE", ["< 10 | 1", "- | 2"], [("overlap", (1, 2), {"n": "9"})]),
        ("UNIQUE", ["<= 10 | 1", ">= 10 | 2"], [("overlap", (1, 2), {"n": "10"})]),
        ("UNIQUE", ["< 10 | 1", "> 10 | 2"], [("gap", (), {"n": "10"})]),
        ("UNIQUE", ["<= 10 | 1", ">= 11 | 2"], [("gap", (), {"n": "10.5"})]),
        ("UNIQUE", ["[0..10) | 1", "[10..20] | 2"], [("gap", (), {"n": "-1"}), ("gap", (), {"n": "21"})]),
        ("UNIQUE", ["< 1 | 1", "< 1 | 2", ">= 1 | 3"], [("duplicate_rule", (1, 2), {"n": "0"})]),
        ("ANY", ["< 10 | 1", "< 20 | 1", ">= 20 | 2"], []),
        ("ANY", ["< 10 | 1", "< 20 | 2", ">= 20 | 2"], [("different_outputs", (1, 2), {"n": "9"})]),
        ("FIRST", ["< 10 | 1", "< 5 | 2", "- | 3"], [("masked_rule", (1, 2), {})]),
        ("FIRST", ["- | 1", "even(?) | 2"], [("masked_rule", (1, 2), {})]),
        ("FIRST", ["even(?) | 1", "- | 2"], []),
        ("COLLECT", ["< 10 | 1", "< 20 | 2"], []),
        ("UNIQUE", ['"a" | 1', "5 | 2"], [("mixed_types", (), {})]),
        ("UNIQUE", ["not(1, 2) | 1", "1 | 2", "2 | 3"], []),
        ("UNIQUE", ["? > 3 and ? < 5 | 1", "<= 3, >= 5 | 2"], []),
        ("UNIQUE", ["n2 | 1", "- | 2"], []),
        ("PRIORITY", ["- | 1"], [("no_output_values", (), {})]),
    ],
)
def test_one_number_column(
    hit: str, rows: list[str], expected: list[tuple[str, tuple[int, ...], dict[str, str]]]
) -> None:
    assert _found(hit, ["n"], ["o"], rows) == expected


def test_a_default_closes_gaps() -> None:
    assert _found("UNIQUE", ["n"], ["o = 0"], ["< 10 | 1"]) == []


def test_texts_without_and_with_input_values() -> None:
    rows = ['"a" | 1', '"b" | 2']
    assert _found("UNIQUE", ["s"], ["o"], rows) == [("gap", (), {"s": "…"})]
    assert _found("UNIQUE", ['s: "a", "b"'], ["o"], rows) == []
    assert _found("UNIQUE", ['s: "a", "b", "c"'], ["o"], rows) == [("gap", (), {"s": '"c"'})]


def test_several_columns() -> None:
    rows = ["< 10 | true | 1", "< 10 | false | 2", ">= 10 | true | 3"]
    assert _found("UNIQUE", ["n", "b"], ["o"], rows) == [("gap", (), {"n": "10", "b": "false"})]
    rows += [">= 10 | - | 4"]
    assert _found("UNIQUE", ["n", "b"], ["o"], rows) == [("overlap", (3, 4), {"n": "10", "b": "true"})]


def test_dates_have_no_gap_between_neighbouring_days() -> None:
    rows = ['<= date("2026-01-31") | 1', '>= date("2026-02-01") | 2']
    assert _found("UNIQUE", ["n"], ["o"], rows) == []


def test_outputs_must_be_among_their_values() -> None:
    assert _found("UNIQUE", ["n"], ['o: "x", "y"'], ['- | "z"']) == [("output_not_allowed", (1,), {})]


def test_a_large_table_is_checked_in_time() -> None:
    rows = [f'{a} | "{b}" | {c} | 1' for a in range(12) for b in range(12) for c in ("true", "false")]
    found = _found("UNIQUE", ["n", "s", "b"], ["o"], rows)
    assert {code for code, _, _ in found} == {"gap"}
