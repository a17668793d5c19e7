"""What every element does: enter, run, leave. SpiffWorkflow's hooks call it; each file adds its element's own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.bpmn.errors import Fault
from engine.bpmn.expressions import Value
from engine.bpmn.nodes import Node
from engine.bpmn.scopes import assign
from engine.bpmn.tokens import COMPLETED, ERROR, FUTURE, STARTED, WAITING, Token
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.dialect.multi_instance import MultiInstance
    from engine.bpmn.model import Wait
    from engine.bpmn.spec import ProcessSpec
    from engine.bpmn.workflow import Body


class Flow:
    """A sequence flow between two elements."""

    __slots__ = ("condition", "default", "drawn", "id", "name", "source", "target")

    def __init__(self, id_: str, name: str, source: "Element", target: "Element", condition: Value | None) -> None:
        self.id = id_
        self.name = name
        self.source = source
        self.target = target
        self.condition = condition
        self.default = False
        self.drawn = True  # a link event's is not


class Element(BpmnTaskSpec):
    """A flow element. Tokens enter it (mappings, waits), run it (what it does) and leave it along its flows."""

    automatic: ClassVar[bool] = True  # runs by itself: nothing can happen to it meanwhile
    passive: ClassVar[bool] = False  # its tokens do not keep the process from ending
    passive_handler: ClassVar[bool] = False  # the body of an event subprocess
    interrupting: bool = True
    silent: ClassVar[bool] = False  # no `entered` and `cancelled` steps
    watches: bool = False  # variables change what its waiting tokens wait for

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", name: str | None = None) -> None:
        super().__init__(spec, name or node.id, lane=node.lane or None, documentation=node.documentation)
        self.bpmn_id = self.element_id = node.id
        self.bpmn_name = node.name
        self.name_en = node.name_en
        self.process_id = spec.process_id
        self.tag = node.tag
        self.properties = node.properties
        self.inputs_map = [(build.value(node, f"input {to}", text), to) for text, to in node.inputs]
        self.outputs_map = [(build.value(node, f"output {to}", text), to) for text, to in node.outputs]
        self.leaving: list[Flow] = []
        self.arriving: list[Flow] = []
        self.host: Element | None = None  # of a boundary event
        self.compensation: Element | None = None  # the handler that undoes it
        self.multi: MultiInstance | None = None  # of one instance of a multi-instance activity

    # -- what each element says ---------------------------------------------------------------------------------------

    def enter(self, token: Token) -> bool:
        """A token arrives. True: it can run at once; False: it waits."""
        return True

    def execute(self, token: Token) -> bool:
        """What the element does once it can run. False: it goes on later, when what it started is done."""
        return True

    def wait_of(self, token: Token) -> "Wait | None":
        """What a waiting token waits for, as the caller sees it."""
        return None

    def done(self, token: Token) -> None:
        """Called when the token has left, before the next elements are entered."""

    def undone(self, token: Token) -> None:
        """A compensation handler has ended: the event that threw goes on."""
        thrower = token.top.index.get(token.internal_data["by"])
        if thrower is not None and thrower._state == STARTED:
            thrower._ready()

    def about(self, token: Token) -> dict[str, Any]:
        """Details for the history: which instance of many it is."""
        return {} if self.multi is None else {"loop": token.internal_data["i"] + 1}

    def body_ended(self, token: Token, body: "Body") -> None:
        """The subprocess of `token` has no token left."""

    # -- mappings -----------------------------------------------------------------------------------------------------

    def map_inputs(self, token: Token) -> None:
        """Input mappings make the element's own scope."""
        if not self.inputs_map:
            return
        view, env, values = token.view, token.turn.env, dict[str, Any]()
        for value, target in self.inputs_map:
            assign(values, target, value.evaluate({**view, **values} if values else view, env))
        token.own_scope().update(values)

    def accept(self, token: Token, variables: Mapping[str, Any]) -> None:
        """Results arrive: into the own scope if output mappings follow, else to whoever owns each name."""
        if self.outputs_map:
            token.own_scope().update(variables)
        elif variables:
            token.top.scopes.write(token.scope, variables)

    def map_outputs(self, token: Token) -> None:
        """Output mappings write to the scopes around; in one instance of many, first to what the instance owns."""
        if not self.outputs_map:
            return
        view, env, values = token.view, token.turn.env, dict[str, Any]()
        scopes, outer = token.top.scopes, token.scope if self.multi is not None else token.outer
        for value, target in self.outputs_map:
            name = target.split(".")[0]
            if name != target and name not in values:
                values[name] = scopes.owner(outer, name).get(name)
            assign(values, target, value.evaluate(view, env))
        scopes.write(outer, values)

    # -- flows --------------------------------------------------------------------------------------------------------

    def choose(self, token: Token) -> tuple[Flow, ...]:
        """Which flows a token leaves by: all without a condition, those whose condition holds, else the default."""
        if not self.leaving or (len(self.leaving) == 1 and self.leaving[0].condition is None):
            return tuple(self.leaving)
        conditional = [flow for flow in self.leaving if flow.condition is not None]
        if not conditional:
            return tuple(self.leaving)
        view, env = token.view, token.turn.env
        holds = [flow for flow in conditional if flow.condition and flow.condition.boolean(view, env, named(flow))]
        plain = [flow for flow in self.leaving if flow.condition is None and not flow.default]
        taken = {*holds, *plain} or {flow for flow in self.leaving if flow.default}
        if not taken:
            raise Fault("no_flow", "No condition holds and there is no default flow.")
        return tuple(flow for flow in self.leaving if flow in taken)

    def _take(self, token: Token, flow: Flow) -> None:
        detail: dict[str, Any] = {"to": flow.target.element_id}
        if flow.condition is not None:
            detail |= {"condition": flow.condition.text, "values": flow.condition.values(token.view)}
        elif flow.default:
            asked = [other.condition for other in self.leaving if other.condition is not None]
            view = token.view
            detail |= {"default": True, "values": {k: v for value in asked for k, v in value.values(view).items()}}
        if flow.drawn:
            token.turn.flow(flow, self, detail)

    # -- what the run loop calls --------------------------------------------------------------------------------------

    def attempt(self, token: Token) -> None:
        """Run the token; what goes wrong becomes an incident."""
        try:
            token.run()
        except EngineError as error:
            self.fail(token, error)

    def fail(self, token: Token, error: EngineError, phase: str = "run") -> None:
        """The token cannot go on until somebody says retry."""
        token.internal_data["e"] = [phase, error.code, str(error)]
        token._set_state(ERROR)
        token.turn.incident(token, error)

    def retry(self, token: Token) -> None:
        """Try again what failed."""
        phase = token.internal_data.pop("e")[0]
        if phase == "enter":
            token._set_state(FUTURE)
            self._update(token)
        else:
            token._ready()

    def cleanup(self, token: Token) -> None:
        """The token has left or was cancelled: its wait ends, and what hangs from it goes."""
        for child in list(token._children):
            token.workflow.remove(token.workflow.tasks[child])

    def on_cancel(self, token: Token) -> None:
        """The token is taken away."""
        if token._state == ERROR or (token._state == WAITING and self.wait_of(token) is not None):
            token.turn.close(token.id, "cancelled")
        if not self.silent and token._state != COMPLETED and "n" in token.internal_data:
            token.turn.step("cancelled", self, self.about(token))

    # -- what SpiffWorkflow calls -------------------------------------------------------------------------------------

    def _predict(self, my_task: Token, *_: Any, **__: Any) -> None:
        """Upstream draws all possible futures (twice as many at each parallel split); a token needs none."""

    def _update(self, my_task: Token) -> None:
        """As upstream; a failing entry is undone and becomes an incident."""
        turn = my_task.turn
        outside, turn.token = turn.token, my_task
        try:
            if self._update_hook(my_task):
                my_task._ready()
        except EngineError as error:
            self.cleanup(my_task)
            if self.multi is None:
                my_task.top.scopes.close(my_task.id)
            self.fail(my_task, error, "enter")
        finally:
            turn.token = outside

    def _update_hook(self, my_task: Token) -> bool:
        if not self.silent and "n" not in my_task.internal_data:
            my_task.internal_data["n"] = 1
            my_task.turn.step("entered", self, self.about(my_task))
        self.map_inputs(my_task)
        return self.enter(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        if "undoing" in my_task.internal_data:
            return True
        if not self.execute(my_task):
            return None
        self.map_outputs(my_task)
        if self.multi is not None:
            self.multi.collect(my_task)
        my_task.taken = self.choose(my_task)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        self.cleanup(my_task)
        if "by" in my_task.internal_data:
            self.undone(my_task)
        elif self.compensation is not None:
            my_task.workflow.compensable.append([self.name, None, None])
        if not self.silent and "undoing" not in my_task.internal_data:
            my_task.turn.step("completed", self, self.about(my_task))
        for flow in my_task.taken:
            self._take(my_task, flow)
        my_task.top.scopes.close(my_task.id)
        self.done(my_task)
        if my_task.alive:
            for flow in my_task.taken:
                my_task._add_child(flow.target).internal_data["f"] = flow.id

    def _on_error_hook(self, my_task: Token) -> None:
        """Upstream emits an event; here `fail` tells."""


def named(flow: Flow) -> str:
    """How a message calls the condition of `flow`."""
    return f'the condition of "{flow.name}"' if flow.name else f"the condition of {flow.id}"
