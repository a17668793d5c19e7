"""The values that cross the border of this package: what an instance waits for and what an advance did.

Plain data, no SpiffWorkflow types. `casework` turns them into rows (task, job, subscription, history, incident).
Times are aware datetimes in UTC. Variables are JSON-like values plus the FEEL types (engine.feel) that the codec keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Variables = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """Something an instance waits for. `id` is unique within the instance and stable across save and load."""

    id: str
    element_id: str
    process_id: str


@dataclass(frozen=True, slots=True)
class UserTaskWait(Wait):
    """A user task that is open for people. `priority` 0..100 (BPMN default 50)."""

    name: str
    name_en: str
    documentation: str
    form_id: str | None
    candidate_groups: tuple[str, ...]
    assignee: str | None
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int
    properties: Mapping[str, str] = field(default_factory=dict)
    local: Variables = field(default_factory=dict)  # variables of the task's own scope (io mapping, loop item)


@dataclass(frozen=True, slots=True)
class JobWait(Wait):
    """A service task (or send task) that waits for `operation` to be done outside the engine's step."""

    operation: str
    retries: int
    inputs: Variables
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimerWait(Wait):
    """A timer (catch, boundary, event gateway) due at `due_at`.

    For cycles `repeats` counts the firings left (None: endless); for the others it is 0.
    """

    due_at: datetime
    interrupting: bool = True
    repeats: int | None = 0


@dataclass(frozen=True, slots=True)
class MessageWait(Wait):
    """A subscription: message `name` with `correlation_key` (text)."""

    name: str
    correlation_key: str
    interrupting: bool = True


@dataclass(frozen=True, slots=True)
class SignalWait(Wait):
    """Waits for a signal that any instance may send: `deliver` it to every instance that waits for `name`."""

    name: str
    interrupting: bool = True


@dataclass(frozen=True, slots=True)
class ThrownSignal:
    """A signal that the instance sent. Its own waits have caught it already; the caller tells the other instances."""

    element_id: str
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class ThrownMessage:
    """A message that the instance sent (throw event, end event, send task without operation)."""

    element_id: str
    name: str
    correlation_key: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class Incident:
    """The instance cannot go on at `element_id`; `code` is stable, `message` holds no personal data."""

    element_id: str
    code: str
    message: str
    wait_id: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, in order.

    `kind` is entered | completed | cancelled | taken (a flow) | decided | caught | thrown | rescheduled (a timer) |
    error. `detail` holds JSON only: for `decided` the evaluation (inputs, matched rules, outputs), for `taken` the
    condition and its values, for `caught` of a timer when it was due and how many firings were missed.
    """

    kind: str
    element_id: str
    process_id: str
    name: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Advance:
    """What one operation on an instance did, up to its next wait states."""

    opened: list[Wait] = field(default_factory=list)
    closed: dict[str, str] = field(default_factory=dict)  # wait id -> "completed" | "cancelled"
    changed: list[Wait] = field(default_factory=list)  # same id, new due time (cycles)
    steps: list[Step] = field(default_factory=list)
    thrown: list[ThrownMessage] = field(default_factory=list)
    signals: list[ThrownSignal] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    unfinished: bool = False  # the step budget was used up: go on with `Instance.proceed` in a job
    ended: str | None = None  # None while it runs, else completed | terminated | error | cancelled
    error_code: str | None = None
