"""What a diagram may hold: every element and variant, whether it runs here, and what was chosen where BPMN leaves room.


docs/modelling.md is made of it, and the tests hold it against the engine: what is said to run has cases in the matrix,
what is said to be refused is refused.
"""
# ruff: noqa: E501 (an element a line)

from dataclasses import dataclass

from engine.bpmn.findings import Findings
from engine.bpmn.nodes import Container, Node
from engine.bpmn.reader import Reader


@dataclass(frozen=True)
class Row:
    """An element or variant that runs."""

    key: str
    title: str
    choice: str


KINDS = ["none", "message", "timer", "conditional", "signal", "error", "escalation", "compensation", "link", "terminate",
         "cancel"]  # fmt: skip
EVENTS = {
    "startEvent@process": "Start event of a process",
    "startEvent@subprocess": "Start event of a subprocess",
    "startEvent@event": "Start event of an event subprocess",
    "intermediateCatchEvent": "Intermediate catch event",
    "intermediateThrowEvent": "Intermediate throw event",
    "boundaryEvent": "Boundary event",
    "endEvent": "End event",
}
REFUSED = {
    "complexGateway": "exclusive, inclusive and parallel gateways say the same more plainly",
    "adHocSubProcess": "draw the possible orders, or open the tasks in parallel",
    "transaction": "use a subprocess with error and compensation events",
    "callChoreography": "draw a process",
    "choreographyTask": "draw a process",
    "subChoreography": "draw a process",
    "standardLoopCharacteristics": "draw the loop with a gateway",
    "several event definitions in one event": "draw several events",
    "scripts in a programming language": "only `zeebe:script`, one FEEL expression",
}

_ROWS: dict[str, dict[str, tuple[str, str]]] = {
    "Events that start": {
        "startEvent/none@process": ("none", "by hand, by a call, by casework; exactly one if the process is called"),
        "startEvent/message@process": ("message", "a new instance with the message's content as variables; needs no "
                                       "correlation key; a message starts one process of a bundle"),
        "startEvent/timer@process": ("timer", "an instance at each time, once for all that fell due while the server was "
                                     "off (`missed` says how many more); property `region` says where; publishing the "
                                     "same timer again keeps its next time"),
        "startEvent/signal@process": ("signal", "every signal sent starts an instance of every process that waits for it"),
        "startEvent/none@subprocess": ("none, of a subprocess", "exactly one"),
        "startEvent/message@event": ("message, of an event subprocess", "interrupting: ends everything else in the scope, "
                                     "and from then on no other event subprocess of the scope starts"),
        "startEvent/message@event/beside": ("message, non-interrupting", "may come again and again while the scope runs"),
        "startEvent/timer@event": ("timer, of an event subprocess", "counted from when the scope begins; keeps nothing "
                                   "from ending"),
        "startEvent/timer@event/beside": ("timer, non-interrupting", "a cycle goes on while the scope runs"),
        "startEvent/conditional@event": ("conditional, of an event subprocess", "as every condition; sees the variables "
                                         "of the scope around"),
        "startEvent/conditional@event/beside": ("conditional, non-interrupting", "each time the condition becomes true"),
        "startEvent/signal@event": ("signal, of an event subprocess", ""),
        "startEvent/signal@event/beside": ("signal, non-interrupting", ""),
        "startEvent/error@event": ("error, of an event subprocess", "always interrupts; catches what is thrown in its scope "
                                   "and further in, first by the very code, else without one"),
        "startEvent/escalation@event": ("escalation, of an event subprocess", ""),
        "startEvent/escalation@event/beside": ("escalation, non-interrupting", "the thrower goes on"),
    },
    "Events on the way": {
        "intermediateCatchEvent/message": ("catch message", "the key is decided when the wait begins; a message that came "
                                           "before is kept for 30 days; exactly one receiver, the one that waits longest"),
        "intermediateCatchEvent/timer": ("catch timer", "date or duration; no cycle"),
        "intermediateCatchEvent/conditional": ("catch condition", "goes on at once if it is true already; when the "
                                               "instance waits for nothing else, `deadlock`"),
        "intermediateCatchEvent/signal": ("catch signal", "everybody who waits hears it; a signal is not kept"),
        "intermediateCatchEvent/link": ("catch link", "exactly one of its name in the scope; several may throw to it"),
        "intermediateThrowEvent/none": ("throw none", "the token passes"),
        "intermediateThrowEvent/message": ("throw message", "content is the mapped inputs, nothing else"),
        "intermediateThrowEvent/signal": ("throw signal", "heard in this instance at once, in the others after the step; "
                                          "its own instance hears it once"),
        "intermediateThrowEvent/escalation": ("throw escalation", "caught by nobody it is no fault: the thrower goes on"),
        "intermediateThrowEvent/compensation": ("throw compensation", "waits until all handlers are done, the last activity "
                                                "first, one after the other; with `activityRef` only that activity"),
        "intermediateThrowEvent/link": ("throw link", "a flow drawn in two halves"),
    },
    "Boundary events": {
        "boundaryEvent/message": ("message", ""),
        "boundaryEvent/message/beside": ("message, non-interrupting", "may come again and again"),
        "boundaryEvent/timer": ("timer", "counted from when the activity opens; sees the activity's own variables"),
        "boundaryEvent/timer/beside": ("timer, non-interrupting", "once, or as a cycle until the activity ends"),
        "boundaryEvent/conditional": ("conditional", "an activity that completes by the same change completes first"),
        "boundaryEvent/conditional/beside": ("conditional, non-interrupting", "each time the condition becomes true"),
        "boundaryEvent/signal": ("signal", ""),
        "boundaryEvent/signal/beside": ("signal, non-interrupting", "may come again and again"),
        "boundaryEvent/escalation": ("escalation", "without a code it catches every escalation that nobody nearer catches"),
        "boundaryEvent/escalation/beside": ("escalation, non-interrupting", "the thrower goes on"),
        "boundaryEvent/error": ("error", "always interrupts; an operation's modelled error comes here too; this very code "
                                "first, then one without a code"),
        "boundaryEvent/compensation": ("compensation", "associated with exactly one activity marked *for compensation*"),
    },
    "Events that end": {
        "endEvent/none": ("none", "the instance ends when no token is left"),
        "endEvent/message": ("message", "as the throw event"),
        "endEvent/signal": ("signal", "as the throw event"),
        "endEvent/error": ("error", "nobody catching it ends the instance with the error"),
        "endEvent/escalation": ("escalation", "as the throw event"),
        "endEvent/compensation": ("compensation", "as the throw event"),
        "endEvent/terminate": ("terminate", "ends the process or subprocess it stands in; what is around goes on"),
    },
    "Activities": {
        "userTask": ("user task", "who, when and how urgent is decided when the task opens and stays so"),
        "serviceTask": ("service task", "a job outside the step; its operation may report a modelled error"),
        "scriptTask": ("script task", "one FEEL expression; a value that FEEL cannot say is null"),
        "businessRuleTask/decision": ("business rule task", "a decision of the bundle, evaluated in the step; a table "
                                      "without a lawful result is the incident `decision_failed`"),
        "businessRuleTask/job": ("business rule task with a task definition", "a job"),
        "sendTask/message": ("send task", "sends its message and goes on"),
        "sendTask/job": ("send task with a task definition", "a job"),
        "receiveTask": ("receive task", "waits for its message"),
        "task": ("task", "nothing is done or waited for; the check warns"),
        "manualTask": ("manual task", "nothing is done or waited for; the check warns"),
        "callActivity": ("call activity", "a process of the bundle in the same instance, with its mapped inputs only; "
                         "60 calls deep at most (`too_deep`)"),
        "subProcess": ("subprocess", "own scope of variables; done when no token is left in it"),
        "eventSubProcess": ("event subprocess", "has no flows; its event's content is its own variables"),
        "handler": ("activity for compensation", "has no flows; runs with the variables that are there then"),
        **{
            f"multi/{how}:{tag}": (f"{title}, {how} instances", "")
            for tag, title in (
                ("userTask", "user task"), ("serviceTask", "service task"), ("scriptTask", "script task"),
                ("businessRuleTask", "business rule task"), ("sendTask", "send task"), ("receiveTask", "receive task"),
                ("task", "task"), ("callActivity", "call activity"), ("subProcess", "subprocess"),
            )
            for how in ("parallel", "sequential")
        },
    },
    "Gateways and flows": {
        "exclusiveGateway/split": ("exclusive, splitting", "conditions in the order of the file, the first that is true, else "
                                   "the default; nothing true and no default is the incident `no_flow`, a null condition "
                                   "`condition_null`"),
        "exclusiveGateway/join": ("exclusive, joining", "each token passes by itself"),
        "parallelGateway/split": ("parallel, splitting", ""),
        "parallelGateway/join": ("parallel, joining", "several tokens at one way in wait for several rounds; a missing token "
                                 "that can never come any more is the incident `deadlock`"),
        "inclusiveGateway/split": ("inclusive, splitting", "all whose condition is true, else the default"),
        "inclusiveGateway/join": ("inclusive, joining", "as the standard's 13.4.2, decided when nothing else in the scope "
                                  "can run; a boundary event that may still fire counts as a way"),
        "eventBasedGateway": ("event-based", "the first event decides; message, timer, condition, signal or receive task, "
                              "each with this one way in"),
        "flow/conditional": ("conditional flow out of an activity", "all without a condition are taken and all whose "
                             "condition is true"),
        "flow/default": ("default flow out of an activity", "if no condition is true"),
        "flow/split": ("several flows out of an activity", "all are taken"),
        "flow/merge": ("several flows into an activity", "no join: each token runs it"),
        "flow/end": ("no flow out", "the way ends as with an end event; the check warns"),
    },
}  # fmt: skip
SECTIONS: dict[str, list[Row]] = {
    section: [Row(key, title, choice) for key, (title, choice) in rows.items()] for section, rows in _ROWS.items()
}
RUNS = {row.key for rows in SECTIONS.values() for row in rows}


def containers_of(files: dict[str, bytes]) -> list[Container]:
    """All processes and subprocesses of some diagrams."""
    return [
        container
        for name, data in files.items()
        if name.endswith(".bpmn")
        for process in Reader(name, Findings()).read(data)
        for container in process.walk()
    ]


def keys_of(files: dict[str, bytes]) -> set[str]:
    """The elements and variants that some diagrams hold."""
    return {key for part in containers_of(files) for node in part.nodes.values() for key in keys_of_node(part, node)}


def keys_of_node(container: Container, node: Node) -> set[str]:
    """What one element is an example of."""
    keys = {_variant(container, node)}
    if node.loop is not None:
        keys = {f"multi/{'sequential' if node.loop.sequential else 'parallel'}:{node.tag}"}
    if node.flag("isForCompensation"):
        keys.add("handler")
    if node.tag in {"exclusiveGateway", "parallelGateway", "inclusiveGateway"}:
        keys = {
            f"{node.tag}/{way}" for way, flows in (("split", node.outgoing), ("join", node.incoming)) if len(flows) > 1
        }
    elif not node.tag.endswith(("Event", "Gateway")):
        keys |= _flows(node)
    return keys


def _variant(container: Container, node: Node) -> str:
    kind, beside = node.event or "none", ""
    if node.tag == "startEvent":
        owner = container.parent.nodes.get(container.id) if container.parent else None
        where = "process" if owner is None else "event" if owner.flag("triggeredByEvent") else "subprocess"
        beside = "" if node.flag("isInterrupting", default=True) or where != "event" else "/beside"
        return f"startEvent/{kind}@{where}{beside}"
    if node.tag == "boundaryEvent":
        stays = node.attributes.get("cancelActivity") == "false" and kind not in {"error", "compensation"}
        return f"boundaryEvent/{kind}{'/beside' if stays else ''}"
    if node.tag.endswith("Event"):
        return f"{node.tag}/{kind}"
    if node.tag in {"sendTask", "businessRuleTask"}:
        other = "message" if node.tag == "sendTask" else "decision"
        return f"{node.tag}/{'job' if 'taskDefinition' in node.zeebe else other}"
    return "eventSubProcess" if node.flag("triggeredByEvent") else node.tag


def _flows(node: Node) -> set[str]:
    default = node.attributes.get("default")
    found = {"flow/conditional"} if any(flow.condition for flow in node.outgoing) else set()
    found |= {"flow/default"} if any(flow.id == default for flow in node.outgoing) else set()
    found |= {"flow/split"} if len([flow for flow in node.outgoing if not flow.condition]) > 1 else set()
    found |= {"flow/merge"} if len(node.incoming) > 1 else set()
    quiet = node.flag("isForCompensation") or node.flag("triggeredByEvent")
    return found | ({"flow/end"} if not node.outgoing and not quiet else set())
