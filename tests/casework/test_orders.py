"""What operators order for one instance: looked at first, done once, and never what would make the flow unsound."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.bpmn import Instance
from engine.bpmn.repair import CannotMove, NoSuchFact
from engine.casework import definitions, fsck, instances, orders, tasks, work
from engine.casework.orders import DecidedFact, Order
from engine.errors import Conflict, Forbidden, IdempotencyMismatch, InvalidForm
from engine.store.audit import AccessLog
from engine.store.history import History
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.tasks import Task, TaskState
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import FORM, groups

REASON = "Salah cabang sejak verifikasi"


@pytest.fixture
def operator(session: Session) -> Actor:
    return factories.worker(session, "operator11", "operator")


def begin(session: Session, *parts: str, **facts: Any) -> int:
    factories.deploy(session, {"p/p.bpmn": d.process(*parts), "p/F.form": FORM})
    return factories.start(session, "p", facts).id


def standing(session: Session, instance_id: int) -> list[str]:
    query = select(Task.element_id).where(Task.instance_id == instance_id, Task.state == TaskState.OPEN)
    return sorted(session.scalars(query))


def token_at(session: Session, actor: Actor, instance_id: int, element_id: str) -> str:
    return next(token for token, place in orders.tokens(session, actor, instance_id) if place[1] == element_id)


def move(session: Session, actor: Actor, instance_id: int, source: str, target: str) -> None:
    token = token_at(session, actor, instance_id, source)
    orders.do(session, actor, Order("move", instance_id, {"token": token, "to": target}), REASON)


def facts_of(session: Session, instance_id: int) -> dict[str, Any]:
    row = session.get_one(ProcessInstance, instance_id, populate_existing=True)
    return Instance.load(definitions.compiled(session, row.definition_id), bytes(row.body or b"")).variables()


def correct(session: Session, actor: Actor, instance_id: int, name: str, value: str, scope: str = "") -> None:
    order = Order("correct", instance_id, {"scope": scope, "name": name, "value": value})
    orders.do(session, actor, order, REASON)


ROW = (
    d.start(), d.user("a", groups()), d.boundary("late", "a", d.timer("P5D"), interrupting=False),
    d.service("s", "ask"), d.user("b", groups()), d.end(), d.end("e2"),
    d.chain("start", "a", "s", "b", "end"), d.flow("late", "e2"),
)  # fmt: skip


def test_a_token_moves_and_what_hung_from_it_ends(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *ROW)
    token = token_at(session, operator, instance_id, "a")
    order = Order("move", instance_id, {"token": token, "to": "b"})

    told = orders.look(session, operator, order)
    assert standing(session, instance_id) == ["a"], "looking changes nothing"
    orders.do(session, operator, order, REASON, "k1")
    orders.do(session, operator, order, REASON, "k1")

    assert (told.ends, told.begins) == ([("p", "late"), ("p", "a")], [("p", "b")])
    assert standing(session, instance_id) == ["b"]
    assert session.scalars(select(Job.state)).all() == [JobState.CANCELLED]
    past = session.scalars(select(History).where(History.kind == "instance.moved")).one()
    assert past.detail["reason"] == REASON
    assert (past.detail["from"], past.detail["to"], past.actor_id) == ("a", "b", operator.id)
    log = session.scalars(select(AccessLog).where(AccessLog.action == "operate")).one()
    assert (log.subject_kind, log.subject_id, log.reason) == ("instance", instance_id, REASON)
    assert list(fsck._states(session)) == []
    move(session, operator, instance_id, "b", "a")
    assert standing(session, instance_id) == ["a"]


@pytest.mark.parametrize("target", ["start", "late", "a", "nowhere"])
def test_no_token_moves_where_no_flow_leads(session: Session, operator: Actor, target: str) -> None:
    instance_id = begin(session, *ROW)
    with pytest.raises(CannotMove):
        move(session, operator, instance_id, "a", target)
    assert standing(session, instance_id) == ["a"]


PARALLEL = (
    d.start(), d.user("before", groups()), d.gateway("parallel", "split"), d.user("l1", groups()),
    d.user("l2", groups()), d.user("r", groups()), d.gateway("parallel", "join"), d.user("after", groups()), d.end(),
    d.chain("start", "before", "split", "l1", "l2", "join", "after", "end"), d.chain("split", "r", "join"),
)  # fmt: skip


def test_a_token_moves_within_its_branch_only(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *PARALLEL)

    def targets(element_id: str) -> set[str]:
        token = token_at(session, operator, instance_id, element_id)
        return {element for _, element in orders.targets(session, operator, instance_id, token)}

    assert targets("before") == {"split", "after", "end"}
    move(session, operator, instance_id, "before", "split")
    assert standing(session, instance_id) == ["l1", "r"]
    assert targets("l1") == {"l2"}
    assert targets("r") == set()


def inner(*parts: str) -> str:
    return d.element("subProcess", "box", "".join(parts))


def test_no_token_crosses_the_border_of_a_subprocess_or_of_many(session: Session, operator: Actor) -> None:
    many = (
        "<bpmn:multiInstanceLoopCharacteristics>"
        + (
            "<bpmn:extensionElements>"
            + d.z("loopCharacteristics", inputCollection="=[1, 2]")
            + "</bpmn:extensionElements>"
        )
        + "</bpmn:multiInstanceLoopCharacteristics>"
    )
    inside = inner(d.start("s1"), d.user("i1", groups()), d.user("i2", groups()), d.end("e1"),
                   d.chain("s1", "i1", "i2", "e1"))  # fmt: skip
    each = d.user("each", groups(), many)
    instance_id = begin(session, d.start(), d.user("a", groups()), inside, each, d.user("z", groups()), d.end(),
                        d.chain("start", "a", "box", "each", "z", "end"))  # fmt: skip
    for target in ("box", "i1", "each"):
        with pytest.raises(CannotMove):
            move(session, operator, instance_id, "a", target)
    tasks.complete(session, _boss(session), _task(session, "a"), {"note": "x"})
    with pytest.raises(CannotMove):
        move(session, operator, instance_id, "i1", "z")
    move(session, operator, instance_id, "i1", "i2")
    tasks.complete(session, _boss(session), _task(session, "i2"), {"note": "x"})
    assert standing(session, instance_id) == ["each", "each"]
    assert orders.tokens(session, operator, instance_id) == []


def _boss(session: Session) -> Actor:
    found = session.info.get("boss")
    if found is None:
        found = session.info["boss"] = factories.worker(session, "tksk31", "tksk", at=("99.01",))
    return found


def _task(session: Session, element_id: str) -> int:
    return session.scalars(select(Task.id).where(Task.element_id == element_id, Task.state == TaskState.OPEN)).one()


APPROVED = (
    d.start(), d.user("plan", groups()), d.user("approve", groups("kabid", fourEyes="true")), d.user("pay", groups()),
    d.end(), d.chain("start", "plan", "approve", "pay", "end"),
)  # fmt: skip


def test_no_operator_goes_past_an_approval_or_changes_what_it_decided(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *APPROVED, n=3, other=1)
    token = token_at(session, operator, instance_id, "plan")
    assert {element for _, element in orders.targets(session, operator, instance_id, token)} == {"approve"}
    with pytest.raises(CannotMove) as caught:
        move(session, operator, instance_id, "plan", "pay")
    assert caught.value.code == "skips_approval"
    with pytest.raises(DecidedFact):
        correct(session, operator, instance_id, "n", "4")  # asked in the form of the approval
    correct(session, operator, instance_id, "other", "2")


def test_a_fact_keeps_its_kind_and_history_tells_old_and_new(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *ROW, desil=3, code="A", gone=None)
    correct(session, operator, instance_id, "desil", "2 + 2")
    correct(session, operator, instance_id, "gone", 'date("2026-03-01")')

    assert int(facts_of(session, instance_id)["desil"]) == 4
    past = session.scalars(select(History).where(History.kind == "instance.corrected").order_by(History.id)).first()
    assert past is not None
    assert {name: past.detail[name] for name in ("name", "old", "new", "reason")} == {
        "name": "desil", "old": "3", "new": "4", "reason": REASON,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("desil", '"tiga"', "other_kind"), ("desil", "null", "other_kind"), ("desil", "3", "same"),
        ("desil", "3 +", "no_feel"), ("code", "A", "other_kind"), ("code", '"NIK 9901015203950001"', "long_number"),
        ("code", "desil", "other_kind"),
    ],
)  # fmt: skip
def test_what_is_no_such_value_is_refused(session: Session, operator: Actor, name: str, value: str, code: str) -> None:
    instance_id = begin(session, *ROW, desil=3, code="A")
    with pytest.raises(InvalidForm) as caught:
        correct(session, operator, instance_id, name, value)
    assert caught.value.messages == {"value": [code]}


def test_a_condition_that_waits_looks_at_the_corrected_fact(session: Session, operator: Actor) -> None:
    waits = d.element("intermediateCatchEvent", "c", d.conditional("=n > 5"))
    both = (d.gateway("parallel", "g"), d.user("x", groups()), d.user("done", groups()))
    instance_id = begin(session, d.start(), *both, waits, d.end(), d.end("e2"),
                        d.chain("start", "g", "x", "end"), d.chain("g", "c", "done", "e2"), n=1)  # fmt: skip
    correct(session, operator, instance_id, "n", "6")
    work.run_due(session, {})
    assert standing(session, instance_id) == ["done", "x"]


def test_nothing_is_done_without_a_reason_or_by_who_may_not(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *ROW, desil=3)
    for reason in ("", "ok", "NIK 9901015203950001"):
        with pytest.raises(InvalidForm):
            orders.do(session, operator, Order("suspend", instance_id), reason)
    with pytest.raises(Forbidden):
        orders.do(session, factories.worker(session, "kabid11", "kabid"), Order("suspend", instance_id), REASON)
    with pytest.raises(NoSuchFact):
        correct(session, operator, instance_id, "unknown", "1")
    assert instances.of_case(session, 0) == []


def test_hold_go_on_and_end_are_looked_at_and_done_once(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *ROW)
    orders.do(session, operator, Order("suspend", instance_id), REASON, "k1")
    orders.do(session, operator, Order("suspend", instance_id), REASON, "k1")
    with pytest.raises(IdempotencyMismatch):
        orders.do(session, operator, Order("resume", instance_id), REASON, "k1")
    with pytest.raises(Conflict):
        orders.look(session, operator, Order("suspend", instance_id))
    orders.do(session, operator, Order("resume", instance_id), REASON, "k2")
    told = orders.look(session, operator, Order("cancel", instance_id))
    orders.do(session, operator, Order("cancel", instance_id), REASON, "k3")

    assert (told.is_over, set(told.ends)) == (True, {("p", "a"), ("p", "late")})
    row = session.get_one(ProcessInstance, instance_id, populate_existing=True)
    assert row.state is InstanceState.CANCELLED
    kinds = select(History.detail["reason"].astext).where(History.kind.like("instance.%d")).order_by(History.id)
    assert session.scalars(kinds.where(History.kind != "instance.started")).all() == [REASON] * 3


def timers_of(session: Session, instance_id: int) -> dict[str, Job]:
    query = select(Job).where(Job.instance_id == instance_id, Job.state == JobState.READY, Job.kind == JobKind.TIMER)
    return {job.element_id: job for job in session.scalars(query.execution_options(populate_existing=True))}


def test_a_timer_is_fired_by_hand_and_what_repeats_goes_on_as_planned(session: Session, operator: Actor) -> None:
    hourly = d.boundary("late", "a", d.timer("R3/PT1H", "timeCycle"), interrupting=False)
    instance_id = begin(session, d.start(), d.user("a", groups()), hourly, d.user("chase", groups()), d.end(),
                        d.end("e2"), d.chain("start", "a", "end"), d.chain("late", "chase", "e2"))  # fmt: skip
    timer = timers_of(session, instance_id)["late"]
    order, first = Order("fire", instance_id, {"timer": str(timer.id)}), timer.due_at
    told = orders.look(session, operator, order)
    assert (standing(session, instance_id), ("p", "chase") in told.begins) == (["a"], True)
    for _ in range(2):
        orders.do(session, operator, order, REASON, "k1")
    assert standing(session, instance_id) == ["a", "chase"]
    assert timers_of(session, instance_id)["late"].due_at == first + timedelta(hours=1)
    (kept,) = session.scalars(select(History.detail).where(History.kind == "instance.timer_fired"))
    assert (kept["reason"], kept["due"]) == (REASON, first.isoformat())


def test_only_a_timer_that_the_instance_waits_for_is_fired(session: Session, operator: Actor) -> None:
    one, other = begin(session, *ROW), begin(session, *ROW)
    timer = timers_of(session, other)["late"].id
    for number in (str(timer), "", "x"):
        with pytest.raises(Conflict):
            orders.look(session, operator, Order("fire", one, {"timer": number}))
    orders.do(session, operator, Order("fire", other, {"timer": str(timer)}), REASON, "k1")
    assert timers_of(session, other) == {}
    with pytest.raises(Conflict):
        orders.do(session, operator, Order("fire", other, {"timer": str(timer)}), REASON, "k2")
