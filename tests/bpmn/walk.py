"""Runs a diagram through deeds and writes down what happened, straight or saved and loaded between all steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import feel
from engine.bpmn import Advance, Definition, Instance, JobWait, MessageWait, Runtime, SignalWait, TimerWait, Wait

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # a Monday, 09:00 in Jakarta
RUNTIME = Runtime(START, ZoneInfo("Asia/Jakarta"))
PATIENT = replace(RUNTIME, max_steps=10**9, max_seconds=1e9)
MARKS = {"entered": ">", "completed": "<", "cancelled": "x", "caught": "!", "thrown": "^", "decided": "=", "error": "#",
         "rescheduled": "~"}  # fmt: skip


@dataclass
class Walk:
    """An instance with the record of all its steps."""

    definition: Definition
    instance: Instance
    reload: bool
    runtime: Runtime = RUNTIME
    trace: list[str] = field(default_factory=list)
    advances: list[Advance] = field(default_factory=list)
    waits: dict[str, Wait] = field(default_factory=dict)

    @property
    def ended(self) -> str | None:
        return self.advances[-1].ended

    @property
    def variables(self) -> dict[str, Any]:
        return {name: feel.to_plain(value) for name, value in self.instance.variables().items()}

    @property
    def incidents(self) -> list[tuple[str, str]]:
        return [(one.element_id, one.code) for advance in self.advances for one in advance.incidents]

    def taken(self) -> list[str]:
        return [step.element_id for advance in self.advances for step in advance.steps if step.kind == "taken"]

    def open(self) -> list[str]:
        """Elements with an open wait, in order."""
        return sorted(wait.element_id for wait in self.waits.values())

    def note(self, advance: Advance) -> None:
        """Record one advance, and go on until it is finished."""
        self._record(advance)
        while advance.unfinished:
            advance = self.instance.proceed(self._budget())
            self._record(advance)
        told = {wait.id: _settled(wait) for wait in self.instance.waits(self.runtime)}
        kept = {id_: _settled(wait) for id_, wait in self.waits.items()}
        assert told == kept, "the waits reported one by one are those that the state holds"

    def _record(self, advance: Advance) -> None:
        self.advances.append(advance)
        self.trace += [MARKS[step.kind] + step.element_id for step in advance.steps if step.kind != "taken"]
        for wait in advance.opened + advance.changed:
            self.waits[wait.id] = wait
        for wait_id in advance.closed:
            self.waits.pop(wait_id, None)
        if self.reload:
            self.instance = Instance.load(self.definition, self.instance.dump())

    def _budget(self) -> Runtime:
        return replace(self.runtime, max_steps=1) if self.reload else self.runtime

    def find(self, element_id: str, nth: int = 0) -> str:
        """The id of the open wait of an element."""
        found = [wait.id for wait in self.waits.values() if wait.element_id == element_id]
        assert len(found) > nth, f"{element_id} does not wait; open: {self.open()}"
        return found[nth]

    def do(self, element_id: str, nth: int = 0, /, **variables: Any) -> "Walk":
        """Whatever the wait of `element_id` is for: it happens."""
        wait_id = self.find(element_id, nth)
        wait, runtime = self.waits[wait_id], self._budget()
        if isinstance(wait, TimerWait):
            self.runtime = replace(self.runtime, now=max(self.runtime.now, wait.due_at))
            self.note(self.instance.fire_timer(wait_id, self._budget()))
        elif isinstance(wait, MessageWait | SignalWait):
            self.note(self.instance.deliver(wait_id, variables, runtime))
        elif hasattr(wait, "operation"):
            self.note(self.instance.complete_job(wait_id, variables, runtime))
        else:
            self.note(self.instance.complete_task(wait_id, variables, runtime))
        return self

    def error(self, element_id: str, code: str, **variables: Any) -> "Walk":
        """The job of `element_id` throws a modelled error."""
        self.note(self.instance.throw_error(self.find(element_id), code, "", variables, self._budget()))
        return self

    def retry(self, element_id: str, **variables: Any) -> "Walk":
        """Set variables and retry the incident at `element_id`."""
        self.instance.set_variables(variables)
        self.note(self.instance.retry(element_id, self._budget()))
        return self

    def later(self, **delta: float) -> "Walk":
        """Time passes."""
        self.runtime = replace(self.runtime, now=self.runtime.now + timedelta(**delta))
        return self


def _settled(wait: Wait) -> Wait:
    """The wait without what it only reads: a job's view of the variables goes with them."""
    return replace(wait, inputs={}) if isinstance(wait, JobWait) else wait


def begin(
    files: bytes | Mapping[str, bytes], variables: Mapping[str, Any] | None = None, *, process_id: str = "p",
    reload: bool = False, message: str | None = None, event: str | None = None, runtime: Runtime = RUNTIME,
) -> Walk:  # fmt: skip
    """Compile, start, and run to the first wait states."""
    definition = Definition.compile({"p.bpmn": files} if isinstance(files, bytes) else files)
    budget = replace(runtime, max_steps=1) if reload else runtime
    instance, advance = Instance.start(definition, process_id, variables or {}, budget, message, event)
    walk = Walk(definition, instance, reload, runtime)
    walk.note(advance)
    return walk
