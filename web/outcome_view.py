"""What the tables came to, worded for whoever works or decides on it: results, members who count, rules behind them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from engine.queries.decided import Decided
from engine.queries.outcomes import Listing, Outcome
from web import formats
from web.answer_view import Table
from web.decision_words import Rows, input_text, remarks_of, rule_text, seen
from web.i18n import pick


@dataclass(frozen=True, slots=True)
class Result:
    """One outcome. `summary`: the result in a line; `rule`, `remarks`, `inputs`: of its own table;
    `parts`: the tables asked on the way. `is_open`: its result is meant to be read in full."""

    title: str
    summary: str
    at: datetime
    figures: Rows
    listings: Sequence[Table]
    rule: str
    remarks: Sequence[str]
    inputs: Rows
    parts: Sequence[Table]
    is_open: bool


def results(outcomes: Iterable[Outcome]) -> list[Result]:
    """The outcomes, those that are meant to be read in full first, then the newest."""
    found = in_order(outcomes)[::-1]
    return [one for one in found if one.is_open] + [one for one in found if not one.is_open]


def in_order(outcomes: Iterable[Outcome]) -> list[Result]:
    """The outcomes as they came."""
    return [_result(one) for one in outcomes]


def _result(one: Outcome) -> Result:
    decided = one.decided
    figures = [(pick(each.label, each.label_en) or gettext("Hasil"), input_text(each)) for each in one.figures]
    return Result(
        title=pick(one.name, one.name_en),
        summary=_summary(one, [text for _, text in figures]),
        at=one.at,
        figures=figures,
        listings=[_listing(each) for each in one.listings],
        rule=rule_text(decided) if decided and decided.rules else "",
        remarks=remarks_of(decided) if decided else (),
        inputs=seen(decided.inputs) if decided else [],
        parts=[_part(each) for each in one.parts],
        is_open=one.is_told,
    )


def _summary(one: Outcome, texts: Sequence[str]) -> str:
    """The first two things that came out; yes or no only where there is nothing else.

    What another one says more fully is left out: "Kepala bidang" beside "Kepala bidang, Bidang Rehabilitasi Sosial".
    """
    said = [text for each, text in zip(one.figures, texts, strict=True) if not isinstance(each.value, bool)]
    found = dict.fromkeys(text for text in said or texts if text not in ("", "–"))
    counts = [f"{pick(each.label, each.label_en)} {formats.number(len(each.rows))}" for each in one.listings]
    full = [text for text in found if not any(other.startswith(f"{text},") for other in found)]
    return " · ".join((full or counts)[:2]) or gettext("tidak ada yang cocok")


def _listing(one: Listing) -> Table:
    """A list of the result; one that is empty says so."""
    numeric = [place for place in range(1, len(one.heads)) if any(_is_amount(row[place].value) for row in one.rows)]
    return Table(
        pick(one.label, one.label_en),
        [pick(*head) for head in one.heads],
        [[input_text(cell) for cell in row] for row in one.rows],
        numeric,
    )


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _part(asked: Sequence[Decided]) -> Table:
    """Every time that one table was asked: what differed in what it looked at, what came out, by which rule."""
    first = asked[0]
    texts = [[input_text(each) for each in one.inputs] for one in asked]
    shown = [place for place in range(len(first.inputs)) if len({row[place] for row in texts}) > 1 or len(asked) == 1]
    same = [place for place in range(len(first.inputs)) if place not in shown]
    heads = [pick(each.label, each.label_en) for each in first.inputs]
    return Table(
        pick(first.name, first.name_en),
        [*(heads[place] for place in shown), gettext("Hasil"), gettext("Aturan")],
        [
            [*(row[place] for place in shown), _came_out(one), _rules(one)]
            for row, one in zip(texts, asked, strict=True)
        ],
        note="; ".join(f"{heads[place]}: {texts[0][place]}" for place in same if texts[0][place] != "–"),
    )


def _came_out(one: Decided) -> str:
    texts = [input_text(each) for each in one.outputs]
    return " · ".join(text for text in texts if text not in ("", "–")) or gettext("tidak ada")


def _rules(one: Decided) -> str:
    numbers = ", ".join(formats.number(number) for number in dict.fromkeys(one.rules))
    said = "; ".join(remarks_of(one))
    if not numbers:
        return gettext("tidak ada yang cocok")
    return f"{numbers}: {said}" if said else numbers
