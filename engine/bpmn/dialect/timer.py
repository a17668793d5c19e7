"""bpmn:timerEventDefinition: date, duration, cycle or cron; literal or FEEL; WDn for working days."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.bpmn import timers
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.errors import Fault
from engine.bpmn.expressions import as_text
from engine.bpmn.model import TimerWait
from engine.bpmn.nodes import EventNode, Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build


class Timer(Trigger):
    """The due time is decided when the wait begins. internal_data["t"] = [due, firings left, cycle text, missed]."""

    kind = "timer"
    waits = True

    def __init__(self, node: Node, event: EventNode, build: "Build", *, catching: bool) -> None:
        super().__init__(node, event, build, catching=catching)
        self.form, text = event.timer or ("", "")
        self.value = build.required(node, "the timer", text)
        if text and not text.startswith("=") and (reason := timers.check_text(self.form, text)):
            build.report("bad_timer", node, detail=reason)
        if self.form == "timeCycle" and node.tag == "intermediateCatchEvent":
            build.report("unsupported_event", node, kind="repeating timer", hint="Use a duration, or a boundary event.")

    def arm(self, token: Token) -> None:
        """Decide when it is due."""
        turn, text = token.turn, as_text(self.value.evaluate(token.view, token.turn.env))
        if not text:
            raise Fault("timer_null", f"The timer is null: {self.value.text}")
        deadline = turn.functions.get("deadline")
        if self.form == "timeCycle":
            cycle = timers.parse_cycle(text)
            due = timers.first_due(cycle, turn.now, turn.timezone, deadline)
            state = [due.isoformat(), cycle.repeats, text, 0]
        elif self.form == "timeDuration":
            due = timers.add_duration(turn.now, text, turn.timezone, deadline)
            state = [due.isoformat(), 0, "", 0]
        else:
            state = [timers.parse_moment(text, turn.timezone).isoformat(), 0, "", 0]
        token.internal_data["t"] = state
        token.wait()
        turn.open(self.wait_of(token))

    def wait_of(self, token: Token) -> TimerWait:
        """The timer."""
        element, (due, left, _, _) = token.task_spec, token.internal_data["t"]
        return TimerWait(
            token.id, element.element_id, element.process_id, datetime.fromisoformat(due), element.interrupting, left
        )

    def fired(self, token: Token) -> Mapping[str, Any]:
        """When it was due, and how many firings were missed since (they count, but fire once)."""
        due, _, text, _ = token.internal_data["t"]
        if not text:
            return {"due": due}
        return {"due": due, "missed": self._next(token)[1]}

    def again(self, token: Token) -> bool:
        """A cycle goes on with its next firing that is still ahead."""
        _, left, text, _ = token.internal_data["t"]
        if not text:
            return False
        coming, missed = self._next(token)
        left = None if left is None else left - 1 - missed
        if coming is None or (left is not None and left <= 0):
            return False
        token.internal_data["t"] = [coming.isoformat(), left, text, missed]
        token.turn.change(self.wait_of(token))
        return True

    def _next(self, token: Token) -> tuple[datetime | None, int]:
        turn, (due, _, text, _) = token.turn, token.internal_data["t"]
        last = datetime.fromisoformat(due)
        return timers.next_due(timers.parse_cycle(text), last, turn.now, turn.timezone, turn.functions.get("deadline"))
