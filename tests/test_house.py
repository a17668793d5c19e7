"""Rules of the house that no single feature's test would notice breaking."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from rq.utils import import_attribute

from engine import jobs
from engine.serve import migrations
from engine.settings import PROJECT, Keys, Settings

WORKFLOWS = PROJECT / "workflows"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


@cache
def tracked() -> list[Path]:
    """Files under version control (or about to be), as they are on disk."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for name in names if (path := PROJECT / name).is_file()]


def sources(*folders: str) -> list[Path]:
    """Python files of ours below the folders."""
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(PROJECT).parts[0] in folders]


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def diagrams() -> Iterator[tuple[Path, etree._Element]]:
    for path in sorted(WORKFLOWS.rglob("*.bpmn")):
        yield path, etree.parse(path).getroot()


# --- the database


def test_there_is_one_newest_migration() -> None:
    assert len(migrations.heads()) == 1


def test_the_models_are_what_the_migrations_make(committed_db: str) -> None:
    assert migrations.difference(committed_db) == []


def test_migrations_go_up_down_and_up_again(empty_db: str) -> None:
    migrations.migrate(empty_db)
    migrations.migrate_back(empty_db, "base")
    assert migrations.current(empty_db) is None
    migrations.migrate(empty_db)
    assert migrations.current(empty_db) == migrations.heads()[0]


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = sorted(path.name[:4] for path in (PROJECT / "migrations" / "versions").glob("*.py"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


# --- the diagrams and what they name


def test_every_form_that_a_diagram_names_exists_in_some_family() -> None:
    known = {_form_id(path) for path in WORKFLOWS.rglob("*.form")}
    asked = {
        (named(path), element.get("formId"))
        for path, root in diagrams()
        for element in root.iter(f"{ZEEBE}formDefinition")
    }
    assert {pair for pair in asked if pair[1] not in known} == set()


def test_every_decision_that_a_diagram_calls_exists() -> None:
    known = {
        element.get("id")
        for path in WORKFLOWS.rglob("*.dmn")
        for element in etree.parse(path).getroot().iter(f"{DMN}decision")
    }
    asked = {
        (named(path), element.get("decisionId"))
        for path, root in diagrams()
        for element in root.iter(f"{ZEEBE}calledDecision")
    }
    assert {pair for pair in asked if pair[1] not in known} == set()


def test_every_process_that_a_diagram_calls_exists() -> None:
    known = {element.get("id") for _, root in diagrams() for element in root.iter(f"{BPMN}process")}
    asked = {
        (named(path), element.get("processId"))
        for path, root in diagrams()
        for element in root.iter(f"{ZEEBE}calledElement")
    }
    assert {pair for pair in asked if pair[1] not in known} == set()


def test_every_operation_that_a_diagram_calls_exists() -> None:
    from engine.service_tasks import OPERATIONS

    asked = {
        (named(path), element.get("type"))
        for path, root in diagrams()
        for element in root.iter(f"{ZEEBE}taskDefinition")
    }
    assert {pair for pair in asked if pair[1] not in OPERATIONS} == set()


def test_every_element_that_people_read_has_both_languages() -> None:
    silent = [
        f"{named(path)}: {element.get('id')}"
        for path, root in diagrams()
        for process in root.iter(f"{BPMN}process")
        for element in process.iter()
        if isinstance(element.tag, str)
        and element.tag.removeprefix(BPMN) in {"userTask", "serviceTask", "callActivity", "businessRuleTask"}
        and not _has_both_names(element)
    ]
    assert silent == []


def test_everything_in_workflows_deploys(demo_template: str) -> None:
    assert demo_template


# --- the code


def test_every_module_and_public_function_says_what_it_is_for() -> None:
    silent = [problem for path in sources("engine", "forms", "web") for problem in _undocumented(path)]
    assert silent == []


def test_files_and_functions_stay_small() -> None:
    large = [problem for path in sources("engine", "forms", "web") for problem in _too_long(path)]
    assert large == []


def test_only_settings_read_the_environment() -> None:
    allowed = {"engine/settings.py", "engine/cli/processes.py", "engine/serve/prepare.py", "engine/serve/startup.py"}
    allowed.add("engine/metrics/sharing.py")  # what prometheus_client looks for
    reading = {
        named(path)
        for path in sources("engine", "forms", "web")
        if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))
    }
    assert reading <= allowed


def test_the_function_that_bells_name_can_be_imported() -> None:
    assert import_attribute(jobs.FUNCTION) is jobs.hear


def test_every_page_says_who_may_use_it(tmp_path: Path, database: object) -> None:
    from web import create_app

    Keys.create(tmp_path / "keys")
    given = {"DATABASE_URL": "postgresql://x@y/z", "PILAR_SECRET": "s" * 32, "PILAR_KEYS": str(tmp_path / "keys")}
    # Raises PolicyMissing otherwise.
    create_app(Settings.from_env(given), None)  # type: ignore[arg-type]


# --- the repository


@pytest.mark.parametrize(
    "pattern",
    [
        r"https?://[^\s\"']*(pypi\.org|pythonhosted|registry\.npmjs|deb\.debian)",
        r"(?<![\w./-])/(root|work|home/\w+)/",
    ],
)
def test_no_file_names_a_registry_or_a_folder_of_one_machine(pattern: str) -> None:
    found = [
        f"{named(path)}:{number}"
        for path in tracked()
        if path.suffix not in {".png", ".jpg", ".woff2", ".ico"} and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


def test_locks_pin_with_hashes() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT / lock).read_text()
        pins = re.findall(r"^[\w.\[\]-]+==\S+.*\\$", text, re.MULTILINE)
        assert len(pins) > 40
        assert text.count("--hash=sha256:") >= len(pins)
    assert '"resolved"' not in (PROJECT / "package-lock.json").read_text()


def test_both_locks_agree() -> None:
    runtime, tools = (_pins(name) for name in ("requirements.lock", "requirements-dev.lock"))
    assert runtime.items() <= tools.items()


def test_make_help_lists_every_target() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in shown.splitlines()} == set(phony[1].split())


def _pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.\[\]-]+)==([^\s;]+)", (PROJECT / lock).read_text(), re.MULTILINE))


def _form_id(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8")).get("id", ""))


def _has_both_names(element: etree._Element) -> bool:
    english = [row for row in element.iter(f"{ZEEBE}property") if row.get("name") == "label:en" and row.get("value")]
    return bool(element.get("name")) and bool(english)


def _undocumented(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if ast.get_docstring(tree) is None:
        yield f"{named(path)}: no module docstring"
    for node in _public(tree.body):
        if ast.get_docstring(node) is None:
            yield f"{named(path)}:{node.lineno}: {node.name}"


def _public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def _too_long(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if text.count("\n") > LONGEST_FILE:
        yield f"{named(path)}: {text.count(chr(10))} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno
            if length > LONGEST_FUNCTION:
                yield f"{named(path)}:{node.lineno} {node.name}: {length} lines"
