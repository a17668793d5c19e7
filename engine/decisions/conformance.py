"""Runs the cases of a DMN TCK folder (`compliance-level-N/<case>/*.dmn` and `*-test-*.xml`) and reports."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.decisions.decision_model import DecisionModel
from engine.decisions.expected import read_value, same
from engine.decisions.load import parse
from engine.decisions.xml import Element, child, children, read_xml, text_of
from engine.errors import EngineError
from engine.feel import Environment
from engine.feel.codec import to_plain

PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expected result of one test case. `reason` is empty when it passed."""

    level: str
    case: str
    test: str
    node: str
    reason: str

    @property
    def passed(self) -> bool:
        """Whether the result was the expected one."""
        return not self.reason


@dataclass(slots=True)
class Report:
    """All outcomes of a run."""

    outcomes: list[Outcome] = field(default_factory=list)

    def levels(self) -> dict[str, tuple[int, int]]:
        """Level -> (passed, all)."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.outcomes:
            passed, total = found.get(each.level, (0, 0))
            found[each.level] = (passed + each.passed, total + 1)
        return found

    def failures(self) -> list[Outcome]:
        """What did not pass."""
        return [each for each in self.outcomes if not each.passed]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        levels = {
            level: {"passed": passed, "failed": total - passed, "total": total}
            for level, (passed, total) in sorted(self.levels().items())
        }
        failures = [
            {"level": each.level, "case": each.case, "test": each.test, "node": each.node, "reason": each.reason}
            for each in self.failures()
        ]
        return {"levels": levels, "failures": failures}


def run(folder: Path) -> Report:
    """Run every test file below the folder."""
    report = Report()
    for path in sorted(folder.rglob("*.xml")):
        report.outcomes.extend(_file(path, folder))
    return report


def _file(path: Path, folder: Path) -> Iterator[Outcome]:
    try:
        root = read_xml(path.read_bytes())
    except EngineError as problem:
        yield Outcome(_level(path, folder), path.parent.name, path.name, "", str(problem))
        return
    name = text_of(root, "modelName")
    if name is None:
        return
    model, problem_text = _model(path.parent, name)
    for case in children(root, "testCase"):
        for result in children(case, "resultNode"):
            reason = problem_text if model is None else _reason(model, case, result)
            test = f"{path.stem}/{case.get('id', '')}"
            yield Outcome(_level(path, folder), path.parent.name, test, result.get("name", ""), reason)


def _level(path: Path, folder: Path) -> str:
    parts = path.relative_to(folder).parts if path.is_relative_to(folder) else path.parts
    named = [part for part in (*folder.parts[-2:], *parts) if part.startswith("compliance-level-")]
    return named[-1].removeprefix("compliance-level-") if named else "other"


def _model(folder: Path, name: str) -> tuple[DecisionModel | None, str]:
    try:
        library = [each.read_bytes() for each in _nearest_first(folder) if each != folder / name]
        return parse((folder / name).read_bytes(), library, strict=False), ""
    except (EngineError, OSError) as problem:
        return None, f"the model cannot be read: {problem}"


def _nearest_first(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.dmn"), key=lambda path: (len(path.parts), path))


def _reason(model: DecisionModel, case: Element, result: Element) -> str:
    """Why the result is not the expected one; empty when it is."""
    env = Environment(datetime.now(UTC), ZoneInfo("UTC"))
    given = _given(model, case)
    asked = model.within(result.get("namespace") or case.get("namespace") or "")
    try:
        value = _evaluate(asked, case, result.get("name", ""), given, env)
    except EngineError as problem:
        env.warn(str(problem))
        value = None
    wanted = read_value(child(result, "expected"))
    if same(value, wanted):
        return ""
    return f"expected {_shown(wanted)}, got {_shown(value)}" + (f" ({env.warnings[0]})" if env.warnings else "")


def _given(model: DecisionModel, case: Element) -> dict[str, Any]:
    """The inputs by name; one of an imported model's namespace in a context of the import's name."""
    given: dict[str, Any] = {}
    names = {each.namespace: each.name for each in model.program.model.imports}
    for each in children(case, "inputNode"):
        import_name = names.get(each.get("namespace", ""), "")
        inside = given.setdefault(import_name, {}) if import_name else given
        inside[each.get("name", "")] = read_value(each)
    return given


def _evaluate(model: DecisionModel, case: Element, node: str, given: dict[str, Any], env: Environment) -> Any:
    invocable = case.get("invocableName", "")
    if case.get("type") == "decisionService" and invocable:
        outputs = model.evaluate_service(invocable, given, env, lenient=True)
        alone = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        return outputs.get(node, alone)
    if case.get("type") == "bkm" and invocable:
        return model.evaluate(invocable, given, env, lenient=True).value
    return model.evaluate(node, given, env, lenient=True).value


def _shown(value: Any) -> str:
    return json.dumps(to_plain(value), ensure_ascii=False)[:300]


def _lines(report: Report) -> Iterable[str]:
    for each in report.failures():
        yield f"failed  level {each.level}  {each.case}  {each.test}  {each.node}: {each.reason}"
    for level, (passed, total) in sorted(report.levels().items()):
        share = Decimal(passed * 100) / total
        yield f"level {level}: {passed} of {total} passed ({share:.2f} %)"


def main(folder: Path, as_json: bool) -> int:
    """Print the report for `pilar conformance`; 0 when all passed, 1 when not, 2 when there is nothing to run."""
    report = run(folder)
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(report)))
    if not report.outcomes:
        sys.stderr.write(f"There are no test cases below {folder}.\n")
        return 2
    return 1 if report.failures() else 0
