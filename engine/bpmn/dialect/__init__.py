"""The dialect: one BPMN element a file, and here the table of which class stands for which element."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.boundary_event import BoundaryEvent
from engine.bpmn.dialect.business_rule_task import BusinessRuleTask
from engine.bpmn.dialect.call_activity import CallActivity
from engine.bpmn.dialect.compensation import Compensation
from engine.bpmn.dialect.conditional import Conditional
from engine.bpmn.dialect.end_event import EndEvent
from engine.bpmn.dialect.errors_and_escalations import Error, Escalation
from engine.bpmn.dialect.event_based_gateway import EventBasedGateway
from engine.bpmn.dialect.exclusive_gateway import ExclusiveGateway
from engine.bpmn.dialect.inclusive_gateway import InclusiveGateway
from engine.bpmn.dialect.intermediate_catch_event import IntermediateCatchEvent
from engine.bpmn.dialect.intermediate_throw_event import IntermediateThrowEvent
from engine.bpmn.dialect.job import Job
from engine.bpmn.dialect.link import Link
from engine.bpmn.dialect.message import Message
from engine.bpmn.dialect.multi_instance import MultiInstance
from engine.bpmn.dialect.parallel_gateway import ParallelGateway
from engine.bpmn.dialect.receive_task import ReceiveTask
from engine.bpmn.dialect.script_task import ScriptTask
from engine.bpmn.dialect.send_task import SendTask
from engine.bpmn.dialect.service_task import ServiceTask
from engine.bpmn.dialect.signal import Signal
from engine.bpmn.dialect.start_event import StartEvent
from engine.bpmn.dialect.sub_process import SubProcess
from engine.bpmn.dialect.task import PassThrough
from engine.bpmn.dialect.terminate import Terminate
from engine.bpmn.dialect.timer import Timer
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.dialect.user_task import UserTask
from engine.bpmn.nodes import EventNode, Node

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec

ACTIVITIES: dict[str, type[Activity]] = {
    "task": PassThrough,
    "manualTask": PassThrough,
    "userTask": UserTask,
    "serviceTask": ServiceTask,
    "scriptTask": ScriptTask,
    "businessRuleTask": BusinessRuleTask,
    "callActivity": CallActivity,
    "subProcess": SubProcess,
}
GATEWAYS: dict[str, type[Element]] = {
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
}
EVENTS = {
    "endEvent": EndEvent,
    "intermediateThrowEvent": IntermediateThrowEvent,
    "intermediateCatchEvent": IntermediateCatchEvent,
    "boundaryEvent": BoundaryEvent,
}
TRIGGERS: dict[str, type[Trigger]] = {
    kind.kind: kind for kind in (Message, Timer, Conditional, Signal, Error, Escalation, Terminate, Link, Compensation)
}
# which event definitions each event may carry; "" is none
ALLOWED: dict[str, set[str]] = {
    "startEvent": {"", "message", "timer", "conditional", "signal", "error", "escalation"},
    "endEvent": {"", "message", "signal", "error", "escalation", "terminate", "compensation"},
    "intermediateThrowEvent": {"", "message", "signal", "escalation", "link", "compensation"},
    "intermediateCatchEvent": {"message", "timer", "conditional", "signal", "link"},
    "boundaryEvent": {"message", "timer", "conditional", "signal", "error", "escalation", "compensation"},
}
_THROWING = {"endEvent", "intermediateThrowEvent", "sendTask"}


def trigger_for(node: Node, build: "Build") -> Trigger | None:
    """The trigger of an event, send or receive task; None for anything else."""
    if node.tag in {"sendTask", "receiveTask"}:
        kind = "message"
        event = node.events[0] if node.events else EventNode("message", resolved=False)
        if "taskDefinition" in node.zeebe:
            return None
    elif node.tag in ALLOWED:
        kind, event = node.event, node.events[0] if node.events else EventNode("")
        if kind not in ALLOWED[node.tag]:
            build.report("unsupported_event", node, kind=kind or "plain", hint="Use another event.")
            return None
    else:
        return None
    return TRIGGERS.get(kind, Trigger)(node, event, build, catching=node.tag not in _THROWING)


def element_for(spec: "ProcessSpec", node: Node, build: "Build", trigger: Trigger | None) -> Element | None:
    """The element that `node` becomes, or None when it was refused."""
    if node.tag in GATEWAYS:
        return GATEWAYS[node.tag](spec, node, build)
    if node.tag == "startEvent":
        return StartEvent(spec, node, build, trigger) if trigger is not None else None
    if node.tag in EVENTS:
        return EVENTS[node.tag](spec, node, build, trigger) if trigger is not None else None
    if node.standard_loop:
        build.report("unsupported_attribute", node, detail="a standard loop", hint="Draw the loop with a gateway.")
    if node.loop is None:
        return activity_for(spec, node, build, trigger, node.id)
    inner = activity_for(spec, node, build, trigger, node.id + "#")
    return MultiInstance(spec, node, build, inner)


def activity_for(spec: "ProcessSpec", node: Node, build: "Build", trigger: Trigger | None, name: str) -> Activity:
    """The activity itself, without multi-instance around it."""
    if "taskDefinition" in node.zeebe and node.tag in {"sendTask", "businessRuleTask"}:
        return Job(spec, node, build, name)
    if trigger is not None and node.tag == "sendTask":
        return SendTask(spec, node, build, trigger, name)
    if trigger is not None:
        return ReceiveTask(spec, node, build, trigger, name)
    return ACTIVITIES[node.tag](spec, node, build, name)
