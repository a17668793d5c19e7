"""Moves a running instance to another version of its bundle: what it waits for stays, by id, with all it has kept.

The old state is written down, its elements are replaced by those that stand for them, and it is read again under the
new version. Then what is new begins to wait. Nothing that was decided is decided again, but for what the new version
says in other words about who does a task, how urgent it is and what a job is to do.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from engine.bpmn import codec
from engine.bpmn.dialect.activity import Activity
from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.event_based_gateway import EventBasedGateway
from engine.bpmn.dialect.intermediate_catch_event import IntermediateCatchEvent
from engine.bpmn.instance import Instance
from engine.bpmn.model import Advance, Wait
from engine.bpmn.packing import pack, unpack
from engine.bpmn.tokens import ERROR, STARTED, WAITING, Token
from engine.bpmn.turn import Runtime, Turn
from engine.bpmn.upgrade_arrival import ask_anew, listen_new, look_again, wait_anew
from engine.bpmn.upgrade_plan import Correspondence, Obstacle
from engine.bpmn.upgrade_rows import Rewriting
from engine.bpmn.workflow import Execution, Frame
from engine.errors import EngineError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """What happens at one element, and to how many tokens there.

    `kind`: stays | renamed (`to` the new id) | removed | added (begins to wait because it is new) | asked_anew (`to`:
    what was evaluated again) | ends and begins (waits that follow from the rest, where a join or condition goes on).
    """

    kind: str
    process_id: str
    element_id: str
    to: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What moving one instance does. With obstacles there is no instance: nothing happens.

    `kept`: each wait that stays, as it was and as it is now; `places`: token -> process of what waited or stood still.
    """

    obstacles: tuple[Obstacle, ...]
    changes: tuple[Change, ...] = ()
    instance: Instance | None = None
    advance: Advance | None = None
    kept: tuple[tuple[Wait, Wait], ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)


def upgrade(instance: Instance, correspondence: Correspondence, runtime: Runtime) -> Upgrade:
    """Move `instance` from the old version to the new one; `instance` itself does not change."""
    if correspondence.obstacles:
        return Upgrade(correspondence.obstacles)
    if instance.unfinished:
        return Upgrade((Obstacle("unfinished", instance.process_id, ""),))
    return _Move(instance, correspondence, runtime).done()


def take_back(former: Instance, present: Instance) -> Upgrade:
    """Back from `present` to the state before it, as long as nothing has happened since."""
    former._top.last_id = max(former._top.last_id, present._top.last_id)  # an id is never given twice
    now, then = ({wait.id: wait for wait in one.waits()} for one in (present, former))
    advance = Advance(opened=[wait for id_, wait in then.items() if id_ not in now])
    advance.closed = {id_: "cancelled" for id_ in now if id_ not in then}
    kept = tuple((wait, then[id_]) for id_, wait in now.items() if id_ in then)
    return Upgrade((), (), former, advance, kept, _places(present._top))


class _Move:
    """One instance on its way."""

    def __init__(self, instance: Instance, correspondence: Correspondence, runtime: Runtime) -> None:
        self.correspondence = correspondence
        self.runtime = runtime
        self.waits = {wait.id: wait for wait in instance.waits()}
        self.places = _places(instance._top)
        self.source = Instance.load(instance.definition, instance.dump())._top
        self.source.cold.thaw_all()
        self.obstacles: list[Obstacle] = []
        self.changes: list[Change] = []

    def done(self) -> Upgrade:
        """Everything that happens, or what is in the way."""
        before = self._remove()
        rewriting = Rewriting(self.source, self.correspondence)
        self.old = rewriting.old
        self.obstacles += rewriting.obstacles
        if self.obstacles:
            return self._refused()
        top = codec.restore(self.correspondence.new, unpack(pack(rewriting.document)))
        self._tell_what_stays(top)
        moved = Instance(self.correspondence.new, top)
        advance = self._arrive(moved)
        if self.obstacles:
            return self._refused()
        now = {wait.id: wait for wait in moved.waits()}
        kept = tuple((wait, now[id_]) for id_, wait in self.waits.items() if id_ in now)
        self._tell_what_follows(advance)
        advance.closed = {**before.closed, **advance.closed}
        advance.steps = [*before.steps, *advance.steps]
        return Upgrade((), tuple(_counted(self.changes)), moved, advance, kept, self.places)

    def _refused(self) -> Upgrade:
        return Upgrade(tuple(dict.fromkeys(self.obstacles)))

    def _obstacle(self, code: str, process_id: str, element_id: str, detail: str = "") -> None:
        self.obstacles.append(Obstacle(code, process_id, element_id, detail))

    def _remove(self) -> Advance:
        """Cancel what the plan removes, still under the old version."""
        top = self.source
        turn = top.turn = Turn(self.runtime, self.correspondence.old)
        for token in list(top.index.values()):
            element = token.task_spec
            if token.alive and self.correspondence.removes(element.process_id, element.element_id):
                self._change("removed", element)
                token.workflow.remove(token)
        for frame in top.frames():
            if not frame.live():
                self._obstacle("nothing_left", frame.spec.process_id, frame.spec.container_id)
        for token in top.index.values():
            if isinstance(token.task_spec, EventBasedGateway) and token._state == STARTED and not token._children:
                self._obstacle("nothing_left", token.task_spec.process_id, token.task_spec.element_id)
        return turn.finish()

    # -- under the new version ----------------------------------------------------------------------------------------

    def _arrive(self, moved: Instance) -> Advance:
        """What is new begins to wait; then joins decide again."""
        top = moved._top

        def arrive() -> None:
            for token in list(top.index.values()):
                if token.id in self.old and token.alive:
                    self._settle(token, self.old[token.id])
            for frame in top.frames():
                self._listen(frame)
            for frame in top.frames():
                look_again(frame)

        advance = moved._operate(self.runtime, arrive)
        for incident in advance.incidents:
            process_id = next((one.process_id for one in advance.steps if one.element_id == incident.element_id), "")
            self._obstacle("would_stop", process_id, incident.element_id, incident.code)
        if advance.ended is not None:
            self._obstacle("would_end", moved.process_id, "", advance.ended)
        return advance

    def _settle(self, token: Token, old: Element) -> None:
        """One token that waits."""
        element = token.task_spec
        if token._state not in {WAITING, STARTED} or "undoing" in token.internal_data:
            return
        if isinstance(element, Activity | IntermediateCatchEvent):
            for what in self._all(ask_anew(token, old), element):
                self._change("asked_anew", old, what)
        for event in self._all(wait_anew(token, old, self.correspondence), element):
            self._change("added", event)

    def _listen(self, frame: Frame) -> None:
        owner = frame.parent_task_id
        source = self.source if owner is None else self.source.subprocesses.get(owner)
        if source is not None:
            for listener in listen_new(frame, source.spec, self.correspondence):
                self._change("added", listener)

    def _all(self, found: Iterable[T], element: Element) -> list[T]:
        """Everything that `found` yields; what cannot be evaluated is in the way."""
        told: list[T] = []
        try:
            told.extend(found)
        except EngineError as error:
            self._obstacle("cannot_evaluate", element.process_id, element.element_id, error.code)
        return told

    # -- what to tell -------------------------------------------------------------------------------------------------

    def _change(self, kind: str, element: Element, to: str = "") -> None:
        self.changes.append(Change(kind, element.process_id, element.element_id, to))

    def _tell_what_stays(self, top: Execution) -> None:
        for id_, old in self.old.items():
            if id_ in self.places:
                new = top.index[id_].task_spec.element_id
                self._change("stays" if new == old.element_id else "renamed", old, "" if new == old.element_id else new)

    def _tell_what_follows(self, advance: Advance) -> None:
        added = {change.element_id for change in self.changes if change.kind == "added"}
        for wait in advance.opened:
            if wait.id not in self.waits and wait.element_id not in added:
                self.changes.append(Change("begins", wait.process_id, wait.element_id))
        for id_ in advance.closed:
            if id_ in self.waits:
                wait = self.waits[id_]
                self.changes.append(Change("ends", wait.process_id, wait.element_id))


def _places(top: Execution) -> dict[str, str]:
    """Token -> process, of all that waits for something from outside or stands still."""
    top.cold.thaw_all()
    return {id_: token.task_spec.process_id for id_, token in top.index.items() if _is_told(token)}


def _is_told(token: Token) -> bool:
    return token._state == ERROR or (token._state == WAITING and token.task_spec.wait_of(token) is not None)


def _counted(changes: list[Change]) -> Iterator[Change]:
    """Each change once, with how often it occurs."""
    for change, count in Counter(changes).items():
        yield replace(change, count=count)
