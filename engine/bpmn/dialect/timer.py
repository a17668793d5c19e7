"""bpmn:timerEventDefinition: date, duration, cycle or cron; literal or FEEL; WDn for working days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.bpmn import cycles
from engine.bpmn.cycles import Firing
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.errors import Fault
from engine.bpmn.expressions import Value, as_text
from engine.bpmn.model import TimerWait
from engine.bpmn.nodes import EventNode, Node
from engine.bpmn.timers import Place, add_length, is_duration, parse_length, parse_moment
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.turn import Turn

FOLLOWS = "followsVariables"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an analyst wrote: `form` is timeDate, timeDuration or timeCycle."""

    form: str
    value: Value

    @property
    def repeats(self) -> bool:
        """Whether it may fire more than once."""
        return self.form == "timeCycle"

    def text(self, variables: Mapping[str, Any], turn: "Turn") -> str:
        """The timer as a text; null is a fault."""
        text = as_text(self.value.evaluate(variables, turn.env))
        if not text:
            raise Fault("timer_null", f"The timer is null: {self.value.text}")
        return text

    def first(self, text: str, now: datetime, place: Place) -> Firing | None:
        """When a timer with this text that begins `now` fires first; None: never."""
        if self.form == "timeCycle":
            return cycles.begin(cycles.parse_cycle(text), now, place)
        if self.form == "timeDuration":
            return Firing(add_length(now, parse_length(text), place), 0, now, 1)
        return Firing(parse_moment(text, place.timezone), 0, now, 0)


def check_text(form: str, text: str) -> str | None:
    """Why the literal `text` is no timer of this form, or None."""
    try:
        if form == "timeCycle":
            cycles.parse_cycle(text)
        elif form == "timeDate":
            parse_moment(text, ZoneInfo("UTC"))
        elif not is_duration(text):
            return f"{text!r} is no duration"
    except Fault as fault:
        return str(fault)
    return None


class Timer(Trigger):
    """The due time is decided when the wait begins, and again when a variable changes if the element says so.

    internal_data["t"] = [due, firings left, text, missed, anchor, number]: see cycles.Firing.
    """

    kind = "timer"
    waits = True

    def __init__(self, node: Node, event: EventNode, build: "Build", *, catching: bool) -> None:
        super().__init__(node, event, build, catching=catching)
        form, text = event.timer or ("", "")
        self.rule = Rule(form, build.required(node, "the timer", text))
        self.form, self.cycle = form, self.rule.repeats
        follows = node.properties.get(FOLLOWS, "")
        if follows not in {"", "true", "false"} or (follows == "true" and self.rule.value.literal):
            build.report("bad_value", node, what=FOLLOWS, detail=follows)
        self.watches = follows == "true"
        self.reads = self.rule.value.names
        if text and not text.startswith("=") and (reason := check_text(form, text)):
            build.report("bad_timer", node, detail=reason)
        if self.cycle and node.tag == "intermediateCatchEvent":
            build.report("unsupported_event", node, kind="repeating timer", hint="Use a duration, or a boundary event.")

    def arm(self, token: Token) -> None:
        """Decide when it is due. A cycle that is over already does not wait."""
        turn = token.turn
        text = self.rule.text(token.view, turn)
        first = self.rule.first(text, turn.now, turn.place)
        if first is not None:
            _keep(token, first, text)
            token.wait()
            turn.open(self.wait_of(token))

    def look(self, token: Token) -> None:
        """A variable that the timer depends on has changed: it is due when it would be, had it begun so."""
        turn, kept = token.turn, token.internal_data["t"]
        text = self.rule.text(token.view, turn)
        if text == kept[2]:
            return
        began = datetime.fromisoformat(kept[4]) if not self.cycle else turn.now
        coming = self.rule.first(text, began, turn.place)
        if coming is None:
            raise Fault("bad_timer", f"{text[:80]!r} is over already.")
        before = self.wait_of(token)
        _keep(token, coming, text)
        if self.wait_of(token) != before:
            turn.change(self.wait_of(token))
            turn.step("rescheduled", token.task_spec, {"due": coming.due.isoformat(), "was": before.due_at.isoformat()})

    def resume(self, token: Token) -> None:
        """It runs again as it was, and is looked at."""
        token.turn.open(self.wait_of(token))
        token.top.fresh.add(token.id)

    def wait_of(self, token: Token) -> TimerWait:
        """The timer."""
        element, (due, left, *_) = token.task_spec, token.internal_data["t"]
        return TimerWait(
            token.id, element.element_id, element.process_id, datetime.fromisoformat(due), element.interrupting, left
        )

    def fired(self, token: Token) -> Mapping[str, Any]:
        """When it was due, and how many firings were missed since (they count, but fire once)."""
        due = token.internal_data["t"][0]
        return {"due": due, "missed": self._following(token)[1]} if self.cycle else {"due": due}

    def again(self, token: Token) -> bool:
        """A cycle goes on with its next firing that is still ahead."""
        coming = self._following(token)[0] if self.cycle else None
        if coming is None:
            return False
        _keep(token, coming, token.internal_data["t"][2])
        token.turn.change(self.wait_of(token))
        return True

    def _following(self, token: Token) -> tuple[Firing | None, int]:
        turn, (due, left, text, missed, anchor, number) = token.turn, token.internal_data["t"]
        last = Firing(datetime.fromisoformat(due), left, datetime.fromisoformat(anchor), number, missed)
        return cycles.following(cycles.parse_cycle(text), last, turn.now, turn.place)


def _keep(token: Token, firing: Firing, text: str) -> None:
    token.internal_data["t"] = [
        firing.due.isoformat(), firing.left, text, firing.missed, firing.anchor.isoformat(), firing.number,
    ]  # fmt: skip
