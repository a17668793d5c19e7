"""What must be so after a step of a story, each expectation by its name."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine import clock, feel
from engine.actors import SYSTEM
from engine.bpmn import Instance
from engine.casework import cases, definitions, reading
from engine.casework.rules import office_rules
from engine.queries import case_page, evidence, history
from engine.store.cases import Case
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.messages import Outbox, Subscription
from engine.store.partners import Partner
from engine.store.referrals import Consent, Referral
from engine.store.tasks import Task
from engine.store.workers import Worker
from engine.stories.script import StoryError, moment

if TYPE_CHECKING:
    from engine.stories.stage import Stage

MOST_TOLD = 400
Check = Callable[["Stage", Any, int | None], None]


def check(stage: "Stage", expected: Mapping[str, Any], case_id: int | None) -> None:
    """Check every expectation. Raises StoryError saying what was found instead."""
    for name, value in expected.items():
        if name == "facts":
            _facts(stage, value, expected.get("of"), case_id)
        elif name != "of":
            CHECKS[name](stage, value, case_id)


def _same(what: str, expected: Any, found: Any) -> None:
    if expected != found:
        raise StoryError(f"{what}: expected {expected!r}, found {found!r}.")


def _open(stage: "Stage", expected: list[str], case_id: int | None) -> None:
    _same("open tasks", sorted(expected), sorted(task.element_id for task in stage.open_tasks(case_id)))


def _includes(stage: "Stage", expected: list[str], case_id: int | None) -> None:
    missing = set(expected) - {task.element_id for task in stage.open_tasks(case_id)}
    _same("tasks that are not open", set(), missing)


def _lacks(stage: "Stage", expected: list[str], case_id: int | None) -> None:
    surplus = set(expected) & {task.element_id for task in stage.open_tasks(case_id)}
    _same("tasks that should not be open", set(), surplus)


def _entered(stage: "Stage") -> set[str]:
    return {element for kind, element, _, _ in stage.history() if kind in ("entered", "caught")}


def _walked(stage: "Stage", expected: list[str], case_id: int | None) -> None:
    _same("elements never reached", set(), set(expected) - _entered(stage))


def _never(stage: "Stage", expected: list[str], case_id: int | None) -> None:
    _same("elements reached", set(), set(expected) & _entered(stage))


def _facts(stage: "Stage", expected: Mapping[str, Any], of: str | None, case_id: int | None) -> None:
    rows = [row for row in stage.instances(case_id) if of is None or row.process_id == of]
    if not rows:
        raise StoryError(f"There is no instance of {of or 'any process'}.")
    row = rows[0]
    if row.body is None:
        raise StoryError(f"Instance of {row.process_id} has no state any more.")
    instance = Instance.load(definitions.compiled(stage.session, row.definition_id), row.body, row.base)
    _values(stage, expected, instance.variables())


def _decided(stage: "Stage", expected: Mapping[str, Any], case_id: int | None) -> None:
    last = {detail["decision"]: detail["value"] for kind, _, _, detail in stage.history() if kind == "decided"}
    _values(stage, expected, {name: feel.from_json(value) for name, value in last.items()})


def _values(stage: "Stage", expected: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    rules = office_rules(stage.session)
    env = feel.Environment(now=clock.now(), timezone=rules.zone, functions=rules.functions())
    for text, value in expected.items():
        found = feel.compile(str(text)).evaluate(variables, env)
        _same(str(text), feel.to_plain(feel.from_python(value)), feel.to_plain(found))


def _case(stage: "Stage", expected: Mapping[str, Any], case_id: int | None) -> None:
    case_id = case_id or stage.first_case()
    case = stage.session.get_one(Case, case_id, populate_existing=True)
    for name, value in expected.items():
        _same(f"case {name}", value, getattr(case, name))


def _sent(stage: "Stage", expected: Mapping[str, int], case_id: int | None) -> None:
    query = select(Outbox.name, func.count()).where(Outbox.instance_id > stage.first_instance).group_by(Outbox.name)
    found = {name: count for name, count in stage.session.execute(query)}  # noqa: C416  rows are no pairs to mypy
    for name, count in expected.items():
        _same(f"messages {name}", count, found.get(name, 0))


def _waits(stage: "Stage", expected: list[str], case_id: int | None) -> None:
    query = select(Subscription.name).where(Subscription.instance_id > stage.first_instance)
    _same("messages nobody waits for", set(), set(expected) - set(stage.session.scalars(query)))


def _waits_not(stage: "Stage", expected: list[str], case_id: int | None) -> None:
    query = select(Subscription.name).where(Subscription.instance_id > stage.first_instance)
    _same("messages still waited for", set(), set(expected) & set(stage.session.scalars(query)))


def _places(stage: "Stage", expected: Mapping[str, int], case_id: int | None) -> None:
    """Free places at partners, by their codes."""
    query = select(Partner.code, Partner.free_places).where(Partner.code.in_(expected))
    found = {code: places for code, places in stage.session.execute(query)}  # noqa: C416  rows are no pairs to mypy
    for code, places in expected.items():
        _same(f"free places at {code}", places, found.get(code))


def _consent(stage: "Stage", expected: Mapping[str, Any], case_id: int | None) -> None:
    """The newest consent of the case: given, withdrawn, legal_basis."""
    query = select(Consent).where(Consent.case_id == (case_id or stage.first_case())).order_by(Consent.id.desc())
    row = stage.session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise StoryError("Nobody asked for consent.")
    found = {"given": row.given, "withdrawn": row.withdrawn_at is not None, "legal_basis": row.legal_basis}
    for name, value in expected.items():
        _same(f"consent {name}", value, found[name])


def _task(stage: "Stage", element: str, case_id: int | None) -> Task:
    found = [task for task in stage.open_tasks(case_id) if task.element_id == element]
    if not found:
        raise StoryError(f"{element} is not open.")
    return found[-1]


def _due(stage: "Stage", expected: Mapping[str, Any], case_id: int | None) -> None:
    for element, when in expected.items():
        _same(f"{element} due", moment(when, "due"), _task(stage, element, case_id).due_at)


def _assigned(stage: "Stage", expected: Mapping[str, str | None], case_id: int | None) -> None:
    for element, name in expected.items():
        worker_id = _task(stage, element, case_id).assignee_id
        worker = stage.session.get(Worker, worker_id) if worker_id is not None else None
        _same(f"{element} assigned to", name, worker.username if worker else None)


def _ended(stage: "Stage", expected: Mapping[str, str | None], case_id: int | None) -> None:
    for process_id, outcome in expected.items():
        rows = [row for row in stage.instances(case_id) if row.process_id == process_id]
        found = {_outcome(row) for row in rows}
        _same(f"{process_id} ended", {outcome}, found)


def _outcome(row: ProcessInstance) -> str | None:
    return None if row.state is InstanceState.ACTIVE else row.outcome


def _cases(stage: "Stage", expected: int, case_id: int | None) -> None:
    _same("cases opened", expected, len({row.case_id for row in stage.instances() if row.case_id is not None}))


def _referrals(stage: "Stage", expected: list[Mapping[str, Any]], case_id: int | None) -> None:
    """The case's referrals, oldest first; of each only what the story tells."""
    case_id = case_id or stage.first_case()
    query = select(Referral).where(Referral.case_id == case_id).order_by(Referral.id)
    rows = list(stage.session.scalars(query.execution_options(populate_existing=True)))
    _same("number of referrals", len(expected), len(rows))
    for told, row in zip(expected, rows, strict=True):
        for name, value in told.items():
            found = getattr(row, name)
            _same(f"referral {name}", moment(value, name) if name.endswith("_at") else value, found)


def _cannot_read(stage: "Stage", expected: Mapping[str, list[str]], case_id: int | None) -> None:
    """These workers see the case, but not these answers, on no page and in no reason of a decision."""
    case_id = case_id or stage.first_case()
    given = {key for one in evidence.sent_on(stage.session, SYSTEM, case_id) for key in one.answers}
    for name, keys in expected.items():
        _same("answers that nobody gave", set(), set(keys) - given)
        reader = stage.actor({"by": name})
        cases.find(stage.session, reader, case_id)
        sent = evidence.sent_on(stage.session, reader, case_id)
        _same(f"answers that {name} reads", set(), set(keys) & {key for one in sent for key in one.answers})
        secret = reading.of(stage.session, reader).secret_codes
        shown = case_page.page(stage.session, reader, case_id).categories
        _same(f"secret categories that {name} reads", set(), secret & set(shown))
        told = history.of_case(stage.session, reader, case_id, size=MOST_TOLD)
        values = str([(one.inputs, one.outputs) for happening in told for one in happening.decided])
        _same(f"secret categories told to {name}", [], [code for code in secret if f"'{code}'" in values])


CHECKS: Mapping[str, Check] = {
    "open": _open,
    "includes": _includes,
    "lacks": _lacks,
    "walked": _walked,
    "never": _never,
    "decided": _decided,
    "case": _case,
    "sent": _sent,
    "waits": _waits,
    "waits_not": _waits_not,
    "places": _places,
    "consent": _consent,
    "due": _due,
    "assigned": _assigned,
    "ended": _ended,
    "cases": _cases,
    "referrals": _referrals,
    "cannot_read": _cannot_read,
}
