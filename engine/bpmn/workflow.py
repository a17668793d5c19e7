"""SpiffWorkflow's workflows, made frames: the instance and the inside of each running subprocess or called process."""

from collections import deque
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from engine.bpmn.cold import Cold
from engine.bpmn.deltas import Base
from engine.bpmn.errors import Fault
from engine.bpmn.scopes import ROOT, Scopes
from engine.bpmn.tokens import COMPLETED, ERROR, READY, WAITING, Token

if TYPE_CHECKING:
    from engine.bpmn.dialect.base import Element
    from engine.bpmn.spec import ProcessSpec
    from engine.bpmn.turn import Turn

MAX_NESTING = 60
_ROOT = "-"  # the id of every frame's root token
MAX_STEPS_WITHOUT_WAIT = 100_000


class NoScripts:
    """Stands where SpiffWorkflow keeps its Python script engine: nothing in a diagram is ever Python."""

    def __getattr__(self, name: str) -> Any:
        raise Fault("no_scripts", "A diagram holds no Python.")


class Frame:
    """What the instance and a subprocess have in common: tokens under one root, and an end when none is left."""

    spec: "ProcessSpec"
    tasks: dict[str, Token]
    task_tree: Token
    top_workflow: "Execution"
    parent_task_id: str | None
    scope: str
    depth: int
    completed: bool

    @property
    def owner(self) -> Token:
        """The token of the subprocess or call activity that this frame is the inside of."""
        return self.top_workflow.index[str(self.parent_task_id)]

    def prepare(self) -> None:
        """Make the root that all tokens hang from; it carries nothing itself."""
        self.interrupted = False  # by an event subprocess: no other one starts any more
        self.compensable: list[list[Any]] = []
        self.task_tree = self.tasks[_ROOT] = Token.restored(self, self.spec.start, _ROOT, None, COMPLETED, {})

    def begin(self, start: "Element") -> Token:
        """Listen for the event subprocesses and put a token on the start event."""
        for listener in self.spec.listeners:
            listener.listen(self)
        return self.put(start)

    def put(self, element: "Element") -> Token:
        """A new token on `element`."""
        token = self.task_tree._add_child(element)
        element._update(token)
        return token

    def live(self) -> list[Token]:
        """The tokens that keep the frame from ending."""
        return [token for token in self.tasks.values() if token._parent is not None and not token.task_spec.passive]

    def release(self, token: Token) -> None:
        """Take a completed token out of the tree; its children take its place."""
        parent = self.tasks[token._parent]
        parent._children.remove(token.id)
        for child in token._children:
            self.tasks[child]._parent = parent.id
        parent._children.extend(token._children)
        self.forget(token)

    def forget(self, token: Token) -> None:
        """The token and the scope it owns are gone."""
        del self.tasks[token.id]
        self.top_workflow.index.pop(token.id, None)
        self.top_workflow.scopes.close(token.id)

    def remove(self, token: Token) -> None:
        """Cancel `token` with everything that hangs from it."""
        top = self.top_workflow
        top.cold.thaw_body(token.id)
        for child in list(token._children):
            self.remove(self.tasks[child])
        if (body := top.subprocesses.get(token.id)) is not None:
            body.clear()
            body.completed = True
            top.drop_body(token.id)
        token.task_spec.on_cancel(token)
        self.tasks[token._parent]._children.remove(token.id)
        self.forget(token)

    def clear(self, keep: Token | None = None) -> None:
        """Cancel all tokens but `keep`."""
        for id_ in list(self.task_tree._children):
            if keep is None or id_ != keep.id:
                self.remove(self.tasks[id_])

    def settle(self) -> None:
        """End the frame when no token is left in it."""
        if self.completed or (len(self.tasks) > 1 + len(self.spec.listeners) or self.live()):
            return
        self.clear()
        self.completed = True
        self.ended()

    def ended(self) -> None:
        """Called once when no token is left."""
        raise NotImplementedError

    # -- what SpiffWorkflow calls -------------------------------------------------------------------------------------

    def _task_completed_notify(self, token: Token) -> None:
        """As upstream marks the end; here the token leaves the tree and nobody else is updated."""
        if token.alive:
            multi = token.task_spec.multi if "by" not in token.internal_data else None
            body = self.tasks.get(token._parent) if multi else None
            self.release(token)
            if multi is not None and body is not None:
                multi.instance_done(body)
        self.settle()


class Execution(Frame, BpmnWorkflow):
    """A running instance."""

    turn: "Turn"

    def __init__(self, spec: "ProcessSpec", specs: dict[str, "ProcessSpec"]) -> None:
        self.queue: deque[Token] = deque()
        self.index: dict[str, Token] = {}
        self.watches = any(spec.watches for spec in specs.values())
        self.scopes = Scopes(watched=self.watches)
        self.fresh: set[str] = set()  # tokens that have just begun to wait for a condition
        self.cold = Cold(self)
        self.base: Base | None = None  # what its stored state is told by, if that is an earlier one
        self.last_id = 0
        self.scope = ROOT
        self.steps_without_wait = 0
        self.outcome: str | None = None
        self.error_code: str | None = None
        super().__init__(spec, specs, script_engine=NoScripts(), deserializing=True)

    @property
    def top_workflow(self) -> "Execution":  # type: ignore[override]
        """Itself."""
        return self

    def next_id(self) -> str:
        """A new id, unique within the instance."""
        self.last_id += 1
        return str(self.last_id)

    def get_task_from_id(self, task_id: str) -> Token | None:
        """The token, in whatever frame it is."""
        if task_id not in self.index:
            self.cold.thaw_token(task_id)
        return self.index.get(task_id)

    def frames(self) -> list[Frame]:
        """The instance's own frame and all bodies."""
        return [self, *self.subprocesses.values()]

    def create_body(self, token: Token, spec: "ProcessSpec", scope: str) -> "Body":
        """The inside of `token`'s subprocess or called process."""
        if token.workflow.depth >= MAX_NESTING:
            raise Fault("too_deep", f"Subprocesses are nested deeper than {MAX_NESTING}: a process calls itself.")
        body = Body(spec, token.id, self, scope)
        body.prepare()
        self.subprocesses[token.id] = body
        return body

    def drop_body(self, token_id: str) -> None:
        """Forget the body of a token that is done."""
        body = self.subprocesses.pop(token_id)
        if body.scope != token_id:
            self.scopes.close(body.scope)

    def ended(self) -> None:
        """The instance is over."""
        self.outcome = self.outcome or "completed"
        self.queue.clear()

    def run(self) -> None:
        """Run what can run until everything waits or the budget is used up."""
        turn = self.turn
        while True:
            while self.queue and turn.spend():
                self._run_one(self.queue.popleft())
                self._look()
            self._look()  # what was set from outside; whatever set it within has left its element first
            if self.queue:
                turn.advance.unfinished = True
                return
            if not self._quiet():
                break
        self.steps_without_wait = 0

    def _run_one(self, token: Token) -> None:
        if token._state != READY or token.id not in self.index:
            return
        self.steps_without_wait += 1
        if self.steps_without_wait > MAX_STEPS_WITHOUT_WAIT:
            self.steps_without_wait = 0
            token.task_spec.fail(token, Fault("endless_loop", f"{MAX_STEPS_WITHOUT_WAIT} steps without a wait."))
            return
        self.turn.token = token
        token.task_spec.attempt(token)

    def _look(self) -> None:
        """Let the events look whose condition or timer depends on a variable that was just set."""
        while self.scopes.changed or self.fresh:
            changed, fresh = frozenset(self.scopes.changed or ()), frozenset(self.fresh)
            self.fresh.clear()
            if self.scopes.changed:
                self.scopes.changed.clear()
            self.cold.thaw_all()
            for token in self._watching():
                concerned = token.id in fresh or changed & token.task_spec.trigger.reads
                if concerned and token.alive and token._state == WAITING:
                    token.task_spec.look(token)

    def _watching(self) -> list[Token]:
        """The tokens that wait for something that variables change, oldest first."""
        found = [token for token in self.index.values() if token._state == WAITING and token.task_spec.watches]
        return sorted(found, key=lambda token: int(token.id))

    def _quiet(self) -> bool:
        """Nothing can run: let the inclusive joins decide; True if one of them goes on."""
        gone_on = [frame.spec.decide_joins(frame) for frame in self.frames() if frame.spec.joins]
        if self.watches and not any(gone_on):
            self._stop_vain_conditions()
        return any(gone_on)

    def _stop_vain_conditions(self) -> None:
        """When the instance waits for nothing from outside, no condition can become true any more."""
        tokens = list(self.index.values())
        if self.cold.chunks() or any(token._state == ERROR or _is_heard(token) for token in tokens):
            return
        for token in self._watching():
            if not token.task_spec.silent:
                token.task_spec.stop(token, Fault("deadlock", "Nothing is left that could make the condition true."))


def _is_heard(token: Token) -> bool:
    """Whether something from outside can come to the token."""
    return token._state == WAITING and token.task_spec.wait_of(token) is not None


class Body(Frame, BpmnSubWorkflow):
    """The inside of a running subprocess or called process."""

    def __init__(self, spec: "ProcessSpec", parent_task_id: str, top: Execution, scope: str) -> None:
        self.scope = scope
        super().__init__(spec, parent_task_id, top, deserializing=True)

    def ended(self) -> None:
        """The subprocess goes on in its own frame."""
        owner = self.owner
        owner.task_spec.body_ended(owner, self)
