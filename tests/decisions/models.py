"""Small decision models for tests, written as text."""

from collections.abc import Sequence
from html import escape
from typing import Any

from engine import decisions, feel
from tests.feel.evaluating import environment

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(body: str, name: str = "m", namespace: str = NAMESPACE) -> bytes:
    """A DMN file around some elements."""
    return (
        f'<definitions xmlns="{namespace}" id="d_{name}" name="{name}" namespace="urn:test:{name}">{body}</definitions>'
    ).encode()


def literal(text: str, tag: str = "literalExpression", attributes: str = "") -> str:
    """A literal expression."""
    return f"<{tag} {attributes}><text>{escape(text)}</text></{tag}>"


def data(*names: str, type_ref: str = "Any") -> str:
    """Input data with the name as id."""
    return "".join(
        f'<inputData id="{n}" name="{n}"><variable name="{n}" typeRef="{type_ref}"/></inputData>' for n in names
    )


def decision(name: str, logic: str, requires: Sequence[str] = (), type_ref: str = "", knows: Sequence[str] = ()) -> str:
    """A decision with the name as id; `requires` are hrefs of decisions or data."""
    variable = f'<variable name="{name}" {f"typeRef={chr(34)}{type_ref}{chr(34)}" if type_ref else ""}/>'
    links = "".join(
        f'<informationRequirement><requiredDecision href="{h}"/></informationRequirement>' for h in requires
    )
    links += "".join(f'<knowledgeRequirement><requiredKnowledge href="{h}"/></knowledgeRequirement>' for h in knows)
    return f'<decision id="{name}" name="{name}">{variable}{links}{logic}</decision>'


def table(hit: str, inputs: Sequence[str], outputs: Sequence[str], rows: Sequence[str]) -> str:
    """A decision table. `hit` is like `COLLECT SUM`; an input `a: x, y` has values, so has an output, and
    `out = 5` has a default; a row is `cell | cell | output`."""
    policy, _, aggregation = hit.partition(" ") if hit.startswith("COLLECT") else (hit, "", "")
    head = "".join(map(_input, inputs)) + "".join(map(_output, outputs))
    body = "".join(_rule(number, row, len(inputs)) for number, row in enumerate(rows, 1))
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable hitPolicy="{policy}"{extra}>{head}{body}</decisionTable>'


def _input(text: str) -> str:
    name, _, values = text.partition(":")
    allowed = f"<inputValues><text>{escape(values.strip())}</text></inputValues>" if values else ""
    return f"<input><inputExpression><text>{escape(name.strip())}</text></inputExpression>{allowed}</input>"


def _output(text: str) -> str:
    left, _, default = text.partition("=")
    name, _, values = left.partition(":")
    inner = f"<outputValues><text>{escape(values.strip())}</text></outputValues>" if values else ""
    inner += f"<defaultOutputEntry><text>{escape(default.strip())}</text></defaultOutputEntry>" if default else ""
    return f'<output name="{name.strip()}">{inner}</output>'


def _rule(number: int, row: str, inputs: int) -> str:
    cells = [cell.strip() for cell in row.split("|")]
    made = [literal(cell, "inputEntry") for cell in cells[:inputs]] + [
        literal(c, "outputEntry") for c in cells[inputs:]
    ]
    return f'<rule id="r{number}">{"".join(made)}</rule>'


def answer(xml: bytes, name: str, variables: dict[str, Any] | None = None, library: Sequence[bytes] = ()) -> str:
    """The value of a decision as FEEL text."""
    known = feel.from_python(variables or {})
    return feel.to_text(decisions.parse(xml, library).evaluate(name, known, environment()).value)
