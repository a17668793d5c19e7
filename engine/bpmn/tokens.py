"""SpiffWorkflow's task, made a token: short string ids, no prediction, no data, no logging on the way.

A token lives only while its element is not left: when it completes, its children take its place under its parent.
So the tree never grows with history, whatever loops a case runs through.
"""

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.bpmn.dialect.base import Element, Flow
    from engine.bpmn.turn import Turn
    from engine.bpmn.workflow import Execution, Frame

FUTURE, WAITING, READY, STARTED = TaskState.FUTURE, TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, ERROR, CANCELLED = TaskState.COMPLETED, TaskState.ERROR, TaskState.CANCELLED


class Token(Task):
    """One token in one element. `internal_data` is what the codec keeps of it."""

    id: str
    workflow: "Frame"
    task_spec: "Element"
    internal_data: dict[str, Any]

    def __init__(self, workflow: "Frame", spec: "Element", parent: "Token | None", state: int = FUTURE) -> None:
        top = workflow.top_workflow
        super().__init__(workflow, spec, parent, state, id=top.next_id())
        self.taken: tuple[Flow, ...] = ()
        self.payload: Any = None  # what a throwing event sends, between deciding it and leaving
        top.index[self.id] = self

    @classmethod
    def restored(
        cls, workflow: "Frame", spec: "Element", id_: str, parent: str | None, state: int, kept: dict[str, Any]
    ) -> "Token":
        """A token read from a stored state."""
        token = cls.__new__(cls)
        token.id, token.workflow, token.task_spec = id_, workflow, spec
        token._parent, token._children, token._state = parent, [], state
        token.internal_data, token.taken, token.payload = kept, (), None
        return token

    @property
    def top(self) -> "Execution":
        """The instance."""
        return self.workflow.top_workflow

    @property
    def turn(self) -> "Turn":
        """The operation that is going on."""
        return self.workflow.top_workflow.turn

    @property
    def outer(self) -> str:
        """The key of the scope around this token's own one."""
        parent = self._parent
        return parent if parent in self.workflow.top_workflow.scopes else self.workflow.scope

    @property
    def scope(self) -> str:
        """The key of the scope that expressions of this token see."""
        return self.id if self.id in self.workflow.top_workflow.scopes else self.outer

    @property
    def view(self) -> Mapping[str, Any]:
        """The variables that expressions of this token see."""
        return self.workflow.top_workflow.scopes.view(self.scope)

    @property
    def alive(self) -> bool:
        """Whether the token is still in its frame."""
        return self.id in self.workflow.tasks

    def own_scope(self) -> MutableMapping[str, Any]:
        """The variables of the token's own scope, which is opened if need be."""
        scopes = self.workflow.top_workflow.scopes
        if self.id not in scopes:
            scopes.open(self.id, self.outer)
        return scopes.local(self.id)

    def wait(self) -> None:
        """The token waits for something from outside."""
        self._state = WAITING

    def first(self) -> None:
        """The token can run, before all others: what somebody did is finished before anything comes of it."""
        self._state = READY
        self.workflow.top_workflow.queue.appendleft(self)

    # -- what SpiffWorkflow calls -------------------------------------------------------------------------------------

    def _add_child(self, task_spec: "Element", state: int = FUTURE) -> "Token":
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        """As upstream, but builds no log record and reads no clock."""
        self._state = value

    def _ready(self) -> None:
        """As upstream, and queues the token: nobody searches the tree for tokens that can run."""
        self._state = READY
        self.workflow.top_workflow.queue.append(self)
