"""What an operator sees and mends inside a running instance: its scopes, a fact put right, a token moved.

A token moves only where the drawing stays as sound as it was: within its own scope, to an element that sequence flows
lead to, and so that no join waits for ever, nothing is done twice, and no approval that was still to come is left out.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import feel
from engine.bpmn import codec
from engine.bpmn.definition import Definition
from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.boundary_event import BoundaryEvent
from engine.bpmn.dialect.call_activity import CallActivity
from engine.bpmn.dialect.event_based_gateway import EventBasedGateway
from engine.bpmn.dialect.joins import Join
from engine.bpmn.dialect.multi_instance import MultiInstance
from engine.bpmn.dialect.parallel_gateway import ParallelGateway
from engine.bpmn.dialect.sub_process import SubProcess
from engine.bpmn.errors import WaitNotFound
from engine.bpmn.instance import Instance
from engine.bpmn.model import Advance, Variables
from engine.bpmn.scopes import ROOT
from engine.bpmn.tokens import ERROR, STARTED, WAITING, Token
from engine.bpmn.turn import Runtime, Turn
from engine.bpmn.ways import Ways, closure, ways_of
from engine.bpmn.workflow import Frame
from engine.errors import Conflict


@dataclass(frozen=True, slots=True)
class ScopeView:
    """One scope of variables. `element_id`: its owner ("": the instance itself); `calls`: the process called there."""

    key: str
    process_id: str
    element_id: str
    calls: str
    variables: Variables


class CannotMove(Conflict):
    """The token may not go there; `code` says why."""

    def __init__(self, code: str, element_id: str) -> None:
        super().__init__(f"No token moves to or from {element_id}: {code}.")
        self.code = code


class NoSuchFact(Conflict):
    """The scope has ended meanwhile, or owns no variable of that name."""

    code = "no_such_fact"


# -- scopes -----------------------------------------------------------------------------------------------------------


def scopes(instance: Instance) -> list[ScopeView]:
    """Every scope with the variables that it owns itself, the instance's first."""
    top = instance._top
    top.cold.thaw_all()
    return [_scope(instance, key) for key in top.scopes.all if key == ROOT or key.removesuffix("/") in top.index]


def _scope(instance: Instance, key: str) -> ScopeView:
    top = instance._top
    variables = dict(top.scopes.local(key))
    if key == ROOT:
        return ScopeView(key, instance.process_id, "", "", variables)
    owner = top.index[key.removesuffix("/")]
    called = top.subprocesses[owner.id].spec.process_id if key.endswith("/") else ""
    return ScopeView(key, owner.task_spec.process_id, owner.task_spec.element_id, called, variables)


def called_processes(instance: Instance) -> list[tuple[str, str, str]]:
    """(process, element that calls it, process called) of every call that runs inside the instance."""
    top = instance._top
    top.cold.thaw_all()
    found = (body for body in top.subprocesses.values() if isinstance(body.owner.task_spec, CallActivity))
    return [(one.owner.task_spec.process_id, one.owner.task_spec.element_id, one.spec.process_id) for one in found]


def evaluate(text: str, runtime: Runtime, definition: Definition) -> Any:
    """The value of a FEEL expression that names no variables. Raises FeelSyntaxError, FeelBudgetError."""
    return feel.compile(text).evaluate({}, Turn(runtime, definition).env)


def correct(instance: Instance, key: str, name: str, value: Any, runtime: Runtime) -> Advance:
    """Set a variable that the scope owns; whatever waits for a condition on it looks again. Raises NoSuchFact."""
    top = instance._top
    top.cold.thaw_all()
    if key not in top.scopes or name not in top.scopes.local(key):
        raise NoSuchFact(f"There is no {name}.")

    def put_right() -> None:
        top.scopes.local(key)[name] = value

    return instance._operate(runtime, put_right)


# -- tokens -----------------------------------------------------------------------------------------------------------


def standing(instance: Instance, wait_id: str) -> tuple[str, str]:
    """(process, element) that a token stands at. Raises WaitNotFound."""
    token = instance._top.get_task_from_id(wait_id)
    if token is None:
        raise WaitNotFound(wait_id)
    return token.task_spec.process_id, token.task_spec.element_id


def movable(instance: Instance) -> list[str]:
    """Ids of the tokens that can be moved at all, one for each place."""
    instance._top.cold.thaw_all()
    found: dict[tuple[str, str], str] = {}
    for id_, token in instance._top.index.items():
        if token._state not in {WAITING, ERROR} or (token._state == WAITING and token.task_spec.wait_of(token) is None):
            continue
        if _stays(token) is None:
            found.setdefault((token.task_spec.process_id, token.task_spec.element_id), id_)
    return list(found.values())


def targets(instance: Instance, wait_id: str, approvals: Collection[str]) -> list[str]:
    """The elements that the token may go to. Raises CannotMove, WaitNotFound."""
    way = _Way(instance, wait_id, approvals)
    return [element.element_id for element in way.frame.spec.elements.values() if way.obstacle(element) is None]


def move(instance: Instance, wait_id: str, element_id: str, approvals: Collection[str], runtime: Runtime) -> Advance:
    """Take a token from where it stands and put it on another element of its scope.

    `approvals`: elements that ask for a second pair of eyes; none of them may be left out. Raises CannotMove,
    WaitNotFound.
    """
    way = _Way(instance, wait_id, approvals)
    element = way.frame.spec.elements.get(element_id)
    code = "outside_scope" if element is None else way.obstacle(element)
    if element is None or code is not None:
        raise CannotMove(code or "outside_scope", element_id)
    target: Element = element

    def jump() -> None:
        way.frame.remove(way.token)
        way.frame.put(target)

    return instance._operate(runtime, jump)


class _Way:
    """A token that is to be moved, and where it may go."""

    def __init__(self, instance: Instance, wait_id: str, approvals: Collection[str]) -> None:
        found = instance._top.get_task_from_id(wait_id)
        if found is None or found._state not in {WAITING, ERROR}:
            raise WaitNotFound(wait_id)
        instance._top.cold.thaw_all()
        if (code := _stays(found)) is not None:
            raise CannotMove(code, found.task_spec.element_id)
        self.token = _gateway_of(found) or found
        self.frame: Frame = self.token.workflow
        self.source: Element = self.token.task_spec
        self.ways = _ways(instance.definition, self.frame)
        self.approvals = approvals
        self.others = [
            one.task_spec
            for one in self.frame.live()
            if one is not self.token and one._parent == self.frame.task_tree.id
        ]

    def obstacle(self, target: Element) -> str | None:
        """Why the token may not go to `target`; None if it may."""
        if target.element_id == self.source.element_id:
            return "same_place"
        if not target.arriving or target.host is not None or target.passive:
            return "not_entered_by_flows"
        if isinstance(target, MultiInstance | SubProcess | CallActivity):
            return "into_scope"
        if isinstance(target, Join) and len(target.arriving) > 1:
            return "into_join"
        return self._order(target)

    def _order(self, target: Element) -> str | None:
        before, after = closure([self.source.element_id], self.ways), closure([target.element_id], self.ways)
        if any(approval in before and approval not in after for approval in self.approvals):
            return "skips_approval"
        if any(one.element_id in after and one.element_id not in before for one in self.others):
            return "done_twice"
        if any(self._upsets(join, target) for join in self.frame.spec.joins if isinstance(join, ParallelGateway)):
            return "upsets_join"
        return None

    def _upsets(self, join: Join, target: Element) -> bool:
        """Whether the join would wait for a way that nobody comes by, or get one token too many."""
        reach = self.frame.spec.reach(join)
        now, then = (reach.get(one.name, frozenset()) for one in (self.source, target))
        if now == then:
            return False
        if any(reach.get(one.name) or one is join for one in self.others):
            return True
        return bool(then) and len(then) < len(join.arriving)


def _stays(token: Token) -> str | None:
    """Why a token cannot be moved at all."""
    element = token.task_spec
    if element.passive or isinstance(element, BoundaryEvent):
        return "attached"
    if element.multi is not None or isinstance(element, MultiInstance):
        return "many_instances"
    if "undoing" in token.internal_data or "by" in token.internal_data:
        return "undoing"
    if token.id in token.top.subprocesses:
        return "into_scope"
    place = _gateway_of(token) or token
    return None if place._parent == place.workflow.task_tree.id else "attached"


def _gateway_of(token: Token) -> Token | None:
    """The event gateway that the token waits behind."""
    parent = token.workflow.tasks.get(token._parent)
    is_choice = parent is not None and isinstance(parent.task_spec, EventBasedGateway) and parent._state == STARTED
    return parent if is_choice else None


def _ways(definition: Definition, frame: Frame) -> Ways:
    process = definition._container(frame.spec.process_id)
    return ways_of(next(part for part in process.walk() if part.id == frame.spec.container_id))


# -- what people decided ----------------------------------------------------------------------------------------------


def elements_with(definition: Definition, name: str, value: str) -> frozenset[str]:
    """Ids of the elements that carry a property."""
    return frozenset(
        element.id
        for process_id in definition.processes
        for element in definition.elements(process_id)
        if str((element.properties or {}).get(name, "")).lower() == value
    )


def written_by(definition: Definition, element_ids: Collection[str]) -> Iterator[tuple[str | None, Mapping[str, None]]]:
    """(form, names that the output mappings write) of each of the elements that is a user task."""
    for spec in definition.specs.values():
        for element in spec.elements.values():
            inner = element.inner if isinstance(element, MultiInstance) else element
            if element.element_id in element_ids:
                names = dict.fromkeys(target.split(".")[0] for _, target in inner.outputs_map)
                yield getattr(inner, "form_id", None), names


def written_down(definition: Definition, state: bytes) -> dict[str, Any]:
    """A stored state as plain data, its frozen parts with the rest: what rows.py says, and nothing packed."""
    top = codec.load(definition, state)
    top.cold.thaw_all()
    return codec.document_of(top, set())
