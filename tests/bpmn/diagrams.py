"""Builds small diagrams as XML: `process(start(), user("a"), end(), flow("start", "a"), ...)`."""

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="test">'
)


def definitions(*parts: str) -> bytes:
    """A whole file."""
    return f"{_HEAD}{''.join(parts)}</bpmn:definitions>".encode()


def process(*parts: str, id: str = "p", roots: str = "") -> bytes:
    """A file with one process; `roots` are messages, errors..."""
    return definitions(roots, f'<bpmn:process id="{id}" isExecutable="true">{"".join(parts)}</bpmn:process>')


def element(tag: str, id: str, body: str = "", zeebe: str = "", **attributes: str) -> str:
    """Any flow element."""
    extra = "".join(f" {name.rstrip('_')}={quoteattr(value)}" for name, value in attributes.items())
    extension = f"<bpmn:extensionElements>{zeebe}</bpmn:extensionElements>" if zeebe else ""
    return f'<bpmn:{tag} id="{id}"{extra}>{extension}{body}</bpmn:{tag}>'


def z(tag: str, body: str = "", **attributes: str) -> str:
    """A zeebe: extension element."""
    extra = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<zeebe:{tag}{extra}>{body}</zeebe:{tag}>"


def io(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """An io mapping: target -> source."""
    parts = [z("input", source=source, target=target) for target, source in (inputs or {}).items()]
    parts += [z("output", source=source, target=target) for target, source in (outputs or {}).items()]
    return z("ioMapping", "".join(parts))


def properties(**values: str) -> str:
    """zeebe:properties."""
    return z("properties", "".join(z("property", name=name, value=value) for name, value in values.items()))


def start(id: str = "start", body: str = "", zeebe: str = "", **attributes: str) -> str:
    """A start event."""
    return element("startEvent", id, body, zeebe, **attributes)


def end(id: str = "end", body: str = "", zeebe: str = "") -> str:
    """An end event."""
    return element("endEvent", id, body, zeebe)


def user(id: str, zeebe: str = "", body: str = "", **attributes: str) -> str:
    """A user task."""
    return element("userTask", id, body, zeebe, **attributes)


def service(id: str, operation: str = "work", zeebe: str = "", body: str = "", **attributes: str) -> str:
    """A service task."""
    return element("serviceTask", id, body, z("taskDefinition", type=operation) + zeebe, **attributes)


def script(id: str, result: str, expression: str, **attributes: str) -> str:
    """A script task."""
    return element("scriptTask", id, zeebe=z("script", expression=expression, resultVariable=result), **attributes)


def gateway(kind: str, id: str, **attributes: str) -> str:
    """A gateway: exclusive, parallel, inclusive, eventBased."""
    return element(f"{kind}Gateway", id, **attributes)


def flow(source: str, target: str, condition: str | None = None, id: str | None = None) -> str:
    """A sequence flow, named `source-target` unless told."""
    text = escape(condition or "")
    body = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{text}</bpmn:conditionExpression>'
    return element("sequenceFlow", id or f"{source}-{target}", body if condition else "",
                   sourceRef=source, targetRef=target)  # fmt: skip


def chain(*ids: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(a, b) for a, b in pairwise(ids))


def message(id: str, name: str | None = None, key: str = "") -> str:
    """A message root element."""
    zeebe = z("subscription", correlationKey=key) if key else ""
    return element("message", id, zeebe=zeebe, name=name or id)


def event(kind: str, **attributes: str) -> str:
    """An event definition."""
    extra = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<bpmn:{kind}EventDefinition{extra}/>"


def timer(text: str, kind: str = "timeDuration") -> str:
    """A timer event definition."""
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(text)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def conditional(condition: str) -> str:
    """A conditional event definition."""
    body = f'<bpmn:condition xsi:type="bpmn:tFormalExpression">{escape(condition)}</bpmn:condition>'
    return f"<bpmn:conditionalEventDefinition>{body}</bpmn:conditionalEventDefinition>"


def catch(id: str, body: str, zeebe: str = "") -> str:
    """An intermediate catch event."""
    return element("intermediateCatchEvent", id, body, zeebe)


def throw(id: str, body: str = "", zeebe: str = "") -> str:
    """An intermediate throw event."""
    return element("intermediateThrowEvent", id, body, zeebe)


def boundary(id: str, host: str, body: str, zeebe: str = "", *, interrupting: bool = True) -> str:
    """A boundary event."""
    return element("boundaryEvent", id, body, zeebe, attachedToRef=host, cancelActivity=str(interrupting).lower())


def undo(host: str, handler: str) -> str:
    """A compensation handler: boundary event, association and user task."""
    return (
        boundary(f"c-{host}", host, event("compensate"))
        + user(handler, isForCompensation="true")
        + element("association", f"a-{host}", sourceRef=f"c-{host}", targetRef=handler)
    )


def sub(id: str, *parts: str, zeebe: str = "", event_driven: bool = False, loop: str = "") -> str:
    """An embedded or event subprocess."""
    extra = {"triggeredByEvent": "true"} if event_driven else {}
    return element("subProcess", id, "".join(parts) + loop, zeebe, **extra)


def multi(collection: str, item: str = "item", *, output: str = "", result: str = "", sequential: bool = False,
          until: str = "") -> str:  # fmt: skip
    """Multi-instance characteristics."""
    out = {"outputCollection": output, "outputElement": result} if output else {}
    zeebe = z("loopCharacteristics", inputCollection=collection, inputElement=item, **out)
    completion = f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:extensionElements>{zeebe}</bpmn:extensionElements>{completion}</bpmn:multiInstanceLoopCharacteristics>"
    )
