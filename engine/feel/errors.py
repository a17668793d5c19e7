"""What FEEL can refuse: text that does not parse, and expressions that cost too much."""

from engine.errors import EngineError


class FeelSyntaxError(EngineError):
    """The text is not FEEL. `position` counts characters from 0; `text` is the whole source."""

    code = "feel_syntax"

    def __init__(self, reason: str, text: str = "", position: int = 0) -> None:
        near = text[max(0, position - 10) : position + 20]
        super().__init__(f"{reason} at character {position + 1}: …{near}…" if text else reason)
        self.reason = reason
        self.text = text
        self.position = position


class FeelBudgetError(EngineError):
    """The expression used up its steps, depth, size or time. `resource` says which, `text` which expression."""

    code = "feel_budget"

    def __init__(self, resource: str, text: str = "") -> None:
        super().__init__(f"The expression used up its {resource}: {text[:200]}")
        self.resource = resource
        self.text = text


class NullResult(Exception):  # a signal inside FEEL, never seen outside
    """Raised by a function whose result is null for a reason; the caller records it and goes on with null."""
