"""A running instance as its caller sees it: start, load, one operation at a time, dump."""

from collections.abc import Callable, Mapping
from typing import Any

from engine import feel
from engine.bpmn import codec
from engine.bpmn.definition import Definition
from engine.bpmn.deltas import together
from engine.bpmn.dialect.activity import Activity
from engine.bpmn.dialect.boundary_event import BoundaryEvent
from engine.bpmn.dialect.errors_and_escalations import find_catcher
from engine.bpmn.dialect.event_sub_process import Listener
from engine.bpmn.dialect.intermediate_catch_event import IntermediateCatchEvent
from engine.bpmn.dialect.receive_task import ReceiveTask
from engine.bpmn.errors import Fault, WaitNotFound
from engine.bpmn.model import Advance, JobWait, MessageWait, SignalWait, TimerWait, UserTaskWait, Variables, Wait
from engine.bpmn.scopes import ROOT
from engine.bpmn.tokens import ERROR, WAITING, Token
from engine.bpmn.turn import Runtime, Turn
from engine.bpmn.workflow import Execution

_Waiting = IntermediateCatchEvent | ReceiveTask | BoundaryEvent | Listener


class Instance:
    """Not shared between threads; each operation runs to the next wait states or to the end of its budget."""

    def __init__(self, definition: Definition, top: Execution) -> None:
        self.definition = definition
        self._top = top

    @classmethod
    def start(
        cls,
        definition: Definition,
        process_id: str,
        variables: Mapping[str, Any],
        runtime: Runtime,
        message: str | None = None,
        event: str | None = None,
    ) -> "tuple[Instance, Advance]":
        """A new instance of `process_id`, begun by hand, by `message`, or by the timer or signal start `event`."""
        spec, start = definition.start_of(process_id, message, event)
        top = Execution(spec, definition.specs)
        top.prepare()
        top.scopes.local(ROOT).update(_feel(variables))
        instance = cls(definition, top)

        def begin() -> None:
            top.begin(start)

        return instance, instance._operate(runtime, begin)

    @classmethod
    def load(cls, definition: Definition, state: bytes | None, base: bytes | None = None) -> "Instance":
        """The instance that `dump` stored, whole or in two columns; `definition` must be the one it was started with.

        Raises InvalidState.
        """
        return cls(definition, codec.load(definition, together(state, base)))

    def dump(self) -> bytes:
        """The whole state as bytes."""
        return codec.dump(self._top)

    # -- operations ---------------------------------------------------------------------------------------------------

    def complete_task(self, wait_id: str, variables: Mapping[str, Any], runtime: Runtime) -> Advance:
        """A user task was done, with these facts."""
        return self._complete(wait_id, UserTaskWait, variables, runtime)

    def complete_job(self, wait_id: str, variables: Mapping[str, Any], runtime: Runtime) -> Advance:
        """A job was done, with these results."""
        return self._complete(wait_id, JobWait, variables, runtime)

    def throw_error(
        self, wait_id: str, code: str, message: str, variables: Mapping[str, Any], runtime: Runtime
    ) -> Advance:
        """A job met an error that the diagram may model; without an event that catches it, it is an incident."""
        token = self._waiting(wait_id, JobWait)
        content, about = _feel(variables), {"error_code": code, "error_message": message}

        def throw() -> None:
            catcher = find_catcher(token.workflow, token, "error", code)
            if catcher is None:
                token.turn.close(token.id, "completed")
                token.task_spec.fail(token, Fault("uncaught_error", f"No event catches the error {code!r}."), "enter")
                return
            token.turn.step("thrown", token.task_spec, {"error": code, "caught": True})
            catcher[0].catch(catcher[1], content, about)

        return self._operate(runtime, throw)

    def fire_timer(self, wait_id: str, runtime: Runtime) -> Advance:
        """A timer is due."""
        return self._fire(wait_id, (TimerWait,), {}, runtime)

    def deliver(self, wait_id: str, variables: Mapping[str, Any], runtime: Runtime) -> Advance:
        """The message or signal came, with this content."""
        return self._fire(wait_id, (MessageWait, SignalWait), variables, runtime)

    def cancel(self, runtime: Runtime) -> Advance:
        """End the instance with everything that waits in it."""
        top = self._top

        def cancel() -> None:
            top.outcome = "cancelled"
            top.clear()
            top.settle()

        return self._operate(runtime, cancel if top.outcome is None else _nothing)

    def proceed(self, runtime: Runtime) -> Advance:
        """Go on after an operation that was unfinished."""
        return self._operate(runtime, _nothing)

    def retry(self, where: str, runtime: Runtime) -> Advance:
        """Try again what became an incident: the incident's wait id, or the id of its element."""
        self._top.cold.thaw_all()
        tokens = [
            token
            for token in self._top.index.values()
            if token._state == ERROR and where in {token.id, token.task_spec.element_id}
        ]
        if not tokens:
            raise WaitNotFound(where)

        def again() -> None:
            for token in tokens:
                token.task_spec.retry(token)

        return self._operate(runtime, again)

    # -- questions ----------------------------------------------------------------------------------------------------

    @property
    def process_id(self) -> str:
        """The process it was started with."""
        return self._top.spec.process_id

    @property
    def ended(self) -> str | None:
        """None while it runs, else completed | terminated | error | cancelled."""
        return self._top.outcome

    @property
    def unfinished(self) -> bool:
        """Whether something can run without anybody's doing."""
        return bool(self._top.queue)

    def waits(self, runtime: Runtime | None = None) -> list[Wait]:
        """Everything that the instance waits for now. Nothing is evaluated again."""
        self._top.cold.thaw_all()
        waits = []
        for token in self._top.index.values():
            wait = token.task_spec.wait_of(token) if token._state == WAITING else None
            if wait is not None:
                waits.append(wait)
        return waits

    def variables(self) -> Variables:
        """The variables of the process instance itself."""
        return dict(self._top.scopes.local(ROOT))

    def seen_by(self, wait_id: str) -> Variables:
        """The variables that the user task behind a wait sees: its own scope and those around it."""
        return dict(self._waiting(wait_id, UserTaskWait).view)

    def set_variables(self, variables: Mapping[str, Any]) -> None:
        """Set variables of the process instance itself."""
        self._top.scopes.local(ROOT).update(_feel(variables))

    def active_elements(self) -> list[str]:
        """Where the tokens are ("Anda di sini"), outermost first, each element once."""
        self._top.cold.thaw_all()
        found: dict[str, None] = {}
        for frame in self._top.frames():
            for token in frame.live():
                if not token.task_spec.silent:
                    found[token.task_spec.element_id] = None
        return list(found)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _operate(self, runtime: Runtime, action: Callable[[], None]) -> Advance:
        top = self._top
        running = top.outcome is None
        turn = top.turn = Turn(runtime, self.definition)
        action()
        if running:
            top.run()
        advance = turn.finish()
        if running and top.outcome is not None:
            advance.ended, advance.error_code = top.outcome, top.error_code
        return advance

    def _waiting(self, wait_id: str, *kinds: type[Wait]) -> Token:
        token = self._top.get_task_from_id(wait_id)
        wait = token.task_spec.wait_of(token) if token is not None and token._state == WAITING else None
        if token is None or not isinstance(wait, kinds):
            raise WaitNotFound(wait_id)
        return token

    def _complete(self, wait_id: str, kind: type[Wait], variables: Mapping[str, Any], runtime: Runtime) -> Advance:
        token = self._waiting(wait_id, kind)
        element = token.task_spec
        assert isinstance(element, Activity)  # noqa: S101 - only activities open such waits

        def complete() -> None:
            element.complete(token, _feel(variables))

        return self._operate(runtime, complete)

    def _fire(
        self, wait_id: str, kinds: tuple[type[Wait], ...], variables: Mapping[str, Any], runtime: Runtime
    ) -> Advance:
        token = self._waiting(wait_id, *kinds)
        element = token.task_spec
        assert isinstance(element, _Waiting)  # noqa: S101 - only events open such waits

        def fire() -> None:
            element.fire(token, _feel(variables))

        return self._operate(runtime, fire)


def _feel(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: feel.from_python(value) for name, value in variables.items()}


def _nothing() -> None:
    """Only run what can run."""
