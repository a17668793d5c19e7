"""The state of an instance, written down with the elements of another version."""

from typing import Any

from engine.bpmn.codec import document_of
from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.boundary_event import BoundaryEvent
from engine.bpmn.dialect.call_activity import CallActivity
from engine.bpmn.dialect.compensation import frame_of
from engine.bpmn.dialect.event_based_gateway import EventBasedGateway
from engine.bpmn.dialect.joins import Join
from engine.bpmn.dialect.multi_instance import MultiInstance
from engine.bpmn.dialect.sub_process import SubProcess
from engine.bpmn.rows import Row
from engine.bpmn.spec import ProcessSpec
from engine.bpmn.tokens import WAITING, Token
from engine.bpmn.upgrade_plan import Correspondence, InTheWay, Obstacle
from engine.bpmn.workflow import Execution, Frame


class Rewriting:
    """`document`: what the codec restores under the new version; `old`: token -> its element before."""

    def __init__(self, source: Execution, correspondence: Correspondence) -> None:
        self.correspondence = correspondence
        self.obstacles: list[Obstacle] = []
        self.old: dict[str, Element] = {}
        self.document = document_of(source, set())
        for frame, row in zip(source.frames(), self.document["f"], strict=True):
            self._frame(frame, row)

    def _frame(self, frame: Frame, row: Row) -> None:
        try:
            spec = self.correspondence.spec(frame.spec)
        except InTheWay as found:
            self.obstacles.append(found.obstacle)
            return
        row[1] = spec.name
        for token_row in row[4]:
            token = frame.tasks[token_row[0]]
            self.old[token.id] = token.task_spec
            try:
                self._token(token, token_row)
            except InTheWay as found:
                self.obstacles.append(found.obstacle)
        try:
            row[3] = self._entries(frame.spec, row[3])
            if frame.parent_task_id is not None:
                self._owner(frame.owner, spec)
        except InTheWay as found:
            self.obstacles.append(found.obstacle)

    # -- tokens -------------------------------------------------------------------------------------------------------

    def _token(self, token: Token, row: Row) -> None:
        old = token.task_spec
        new = self.correspondence.element(old)
        kept = row[4] = dict(row[4])
        row[2] = new.name
        if isinstance(old, BoundaryEvent):
            host = token.workflow.tasks[token._parent].task_spec
            if new.host is not self.correspondence.find(host):
                raise _in_the_way("host_changed", old)
        if isinstance(old, Join) and token._state == WAITING:
            kept["f"] = self.correspondence.flow(old, new, kept.get("f", ""))
        elif "f" in kept and token._parent != token.workflow.task_tree.id:
            self._behind_gateway(token, new, kept)
        if isinstance(old, MultiInstance) and isinstance(new, MultiInstance) and "m" in kept:
            kept["m"] = _loop(old, new, kept["m"])
        if "undo" in kept:
            kept["undo"] = self._entries(frame_of(token).spec, kept["undo"])

    def _behind_gateway(self, token: Token, new: Element, kept: dict[str, Any]) -> None:
        """An event that waits behind an event gateway is known by the flow that leads to it."""
        gateway = token.workflow.tasks[token._parent].task_spec
        if not isinstance(gateway, EventBasedGateway):
            return
        found = self.correspondence.find(gateway)
        flows = [flow.id for flow in (found.leaving if found is not None else ()) if flow.target is new]
        if not flows:
            raise _in_the_way("flow_missing", token.task_spec, kept["f"])
        kept["f"] = flows[0]

    def _owner(self, owner: Token, spec: ProcessSpec) -> None:
        """The activity whose inside runs must have that very inside in the new version."""
        new: Any = self.correspondence.element(owner.task_spec)
        if isinstance(new, SubProcess) and new.inner is not spec:
            raise _in_the_way("scope_changed", owner.task_spec)
        if isinstance(new, CallActivity) and new.called.literal and new.called.text != spec.process_id:
            raise _in_the_way("called_changed", owner.task_spec, new.called.text)

    # -- compensation -------------------------------------------------------------------------------------------------

    def _entries(self, spec: ProcessSpec, entries: list[list[Any]]) -> list[list[Any]]:
        """What was completed and can be undone: the new version must be able to undo it too."""
        return [self._entry(spec, *entry) for entry in entries]

    def _entry(self, spec: ProcessSpec, name: str, inside: Any, variables: Any) -> list[Any]:
        old: Any = spec.task_specs[name]
        try:
            new: Any = self.correspondence.element(old)
        except InTheWay as found:
            raise _in_the_way("compensation_lost", old) from found
        if inside is None:
            if new.compensation is None or self.correspondence.find(old.compensation) is not new.compensation:
                raise _in_the_way("compensation_lost", old)
            return [new.name, None, variables]
        return [new.name, self._entries(old.inner, inside), variables]


def _loop(old: MultiInstance, new: MultiInstance, state: dict[str, Any]) -> dict[str, Any]:
    """How far a multi-instance activity is; what instances read must be called as before."""
    if old.item_name != new.item_name:
        raise _in_the_way("loop_changed", old, f"{old.item_name} > {new.item_name}")
    if new.results_name and "out" not in state:
        if state["done"]:
            raise _in_the_way("loop_changed", old, new.results_name)
        return {**state, "out": [None] * state["n"]}
    return state


def _in_the_way(code: str, element: Element, detail: str = "") -> InTheWay:
    return InTheWay(Obstacle(code, element.process_id, element.element_id, detail))
