"""What is changed about SpiffWorkflow: a test fails when upstream changes so that a change is wrong or needless."""

import inspect
from uuid import UUID

import pytest
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.defaults import NoneTask, ParallelGateway
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskIterator, TaskState
from SpiffWorkflow.workflow import Workflow

from engine.bpmn import Definition, Instance
from engine.bpmn.dialect.base import Element
from engine.bpmn.errors import Fault
from engine.bpmn.tokens import Token
from engine.bpmn.workflow import Execution
from tests.bpmn.diagrams import chain, element, end, process, start, user
from tests.bpmn.walk import RUNTIME

LINE = process(start(), user("a"), end(), chain("start", "a", "end"))


def upstream(*, splits: int = 0) -> BpmnWorkflow:
    spec = BpmnProcessSpec("up")
    last = spec.start
    for index in range(splits):
        fork, left, right = ParallelGateway(spec, f"f{index}"), NoneTask(spec, f"l{index}"), NoneTask(spec, f"r{index}")
        last.connect(fork)
        fork.connect(left)
        fork.connect(right)
        right.connect(left)
        last = left
    last.connect(spec.end)
    return BpmnWorkflow(spec)


def test_upstream_still_predicts_exponentially() -> None:
    assert len(upstream(splits=8).tasks) > 2 * len(upstream(splits=6).tasks)


def test_upstream_still_uses_uuids_and_random_ones() -> None:
    assert all(isinstance(key, UUID) for key in upstream().tasks)


def test_the_iterator_still_stops_at_a_depth() -> None:
    assert inspect.signature(TaskIterator.__init__).parameters["max_depth"].default == 1000


def test_the_states_are_those_that_are_stored() -> None:
    stored = {name: getattr(TaskState, name) for name in
              ("FUTURE", "WAITING", "READY", "STARTED", "COMPLETED", "ERROR", "CANCELLED")}  # fmt: skip
    assert stored == {
        "FUTURE": 4, "WAITING": 8, "READY": 16, "STARTED": 32, "COMPLETED": 64, "ERROR": 128, "CANCELLED": 256,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("owner", "name", "calls"),
    [
        (Task, "run", "self.task_spec._run(self)"),
        (Task, "complete", "self.task_spec._on_complete(self)"),
        (Task, "_ready", "self._set_state(TaskState.READY)"),
        (TaskSpec, "_run", "self._run_hook(my_task)"),
        (TaskSpec, "_run", "my_task.error()"),
        (TaskSpec, "_on_complete", "self._on_complete_hook(my_task)"),
        (TaskSpec, "_on_complete", "child.task_spec._update(child)"),
        (TaskSpec, "_on_complete", "my_task.workflow._task_completed_notify(my_task)"),
        (Workflow, "__init__", "if not deserializing:"),
        (Workflow, "_task_completed_notify", "self.update_waiting_tasks()"),
    ],
)
def test_the_hooks_that_the_dialect_hangs_on(owner: type, name: str, calls: str) -> None:
    assert calls in inspect.getsource(getattr(owner, name))


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        (Element, TaskSpec, "_predict"),
        (Element, TaskSpec, "_update"),
        (Element, TaskSpec, "_update_hook"),
        (Element, TaskSpec, "_run_hook"),
        (Element, TaskSpec, "_on_complete_hook"),
        (Element, TaskSpec, "_on_error_hook"),
        (Token, Task, "_set_state"),
        (Token, Task, "_ready"),
        (Token, Task, "_add_child"),
        (Execution, Workflow, "_task_completed_notify"),
        (Execution, Workflow, "get_task_from_id"),
    ],
)
def test_each_override_still_overrides(ours: type, theirs: type, name: str) -> None:
    assert callable(getattr(theirs, name))
    assert getattr(ours, name) is not getattr(theirs, name)


def test_tokens_run_through_upstream() -> None:
    assert Token.run is Task.run
    assert Token.complete is Task.complete
    assert Element._on_complete is TaskSpec._on_complete
    assert Element._run is TaskSpec._run


def test_the_tree_never_grows() -> None:
    ids = [f"t{number}" for number in range(100)]
    diagram = process(start(), *(element("task", id_) for id_ in ids), user("a"), chain("start", *ids, "a"))
    instance, _ = Instance.start(Definition.compile({"p.bpmn": diagram}), "p", {}, RUNTIME)
    assert len(instance._top.tasks) == 2
    assert all(isinstance(key, str) for key in instance._top.tasks)


def test_no_python_runs_and_none_could(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("Python ran")

    definition = Definition.compile({"p.bpmn": LINE})
    monkeypatch.setattr("builtins.eval", forbidden)
    monkeypatch.setattr("builtins.exec", forbidden)
    instance, advance = Instance.start(definition, "p", {"x": 1}, RUNTIME)
    assert instance.complete_task(advance.opened[0].id, {}, RUNTIME).ended == "completed"
    with pytest.raises(Fault):
        instance._top.script_engine.evaluate(None, "1")
