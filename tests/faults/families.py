"""What the rig runs: a visit that is told to the outside, and one that a timer and a message may end."""

from tests.bpmn import diagrams as d
from tests.casework.moving import groups

DIAGRAM = d.process(
    d.start(),
    d.user("visit", groups()),
    d.element(
        "serviceTask",
        "tell",
        zeebe=d.z("taskDefinition", type="call-outside", retries="8") + d.io({"subject": "=number"}),
    ),
    d.catch("rest", d.timer("PT1S")),
    d.user("close", groups()),
    d.end(),
    d.chain("start", "visit", "tell", "rest", "close", "end"),
)
RACED = d.process(
    d.start(), d.user("visit", groups()), d.end(), d.chain("start", "visit", "end"),
    d.boundary("late", "visit", d.timer("P5D")), d.end("e2"), d.chain("late", "e2"),
    d.boundary("news", "visit", d.event("message", messageRef="msg")), d.end("e3"), d.chain("news", "e3"),
    id="raced", roots=d.message("msg", key="=number"),
)  # fmt: skip
