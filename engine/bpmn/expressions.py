"""Attributes of a diagram that are a literal or, behind "=", a FEEL expression."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine import feel
from engine.bpmn.errors import Fault

_NAME = re.compile(r"[^\W\d]\w*")


class Value:
    """One attribute. Without "=" it is the text itself, unless `always` says that it must be an expression."""

    __slots__ = ("_expression", "names", "text")

    def __init__(self, text: str, *, always: bool = False) -> None:
        self.text = text
        self._expression: feel.Expression | None = None
        source = text[1:] if text.startswith("=") else text if always else None
        if source is not None:
            self._expression = feel.compile(source.strip())
        self.names = frozenset(_NAME.findall(text)) if source is not None else frozenset()

    @property
    def literal(self) -> bool:
        """Whether it is a plain text."""
        return self._expression is None

    def evaluate(self, variables: Mapping[str, Any], env: feel.Environment) -> Any:
        """The literal text, or the value of the expression (null when FEEL cannot say)."""
        if self._expression is None:
            return self.text
        return self._expression.evaluate(variables, env)

    def boolean(self, variables: Mapping[str, Any], env: feel.Environment, what: str) -> bool:
        """The value of a condition; anything but true and false is a fault, never a guess."""
        value = self.evaluate(variables, env)
        if not isinstance(value, bool):
            raise Fault("condition_null", f"{what} is neither true nor false: {self.text}{_why(env)}")
        return value

    def string(self, variables: Mapping[str, Any], env: feel.Environment) -> str | None:
        """The value as text; numbers are written plainly, null stays None."""
        return as_text(self.evaluate(variables, env))

    def strings(self, variables: Mapping[str, Any], env: feel.Environment) -> tuple[str, ...]:
        """A list of texts: a FEEL list, or a text split at commas."""
        value = self.evaluate(variables, env)
        if isinstance(value, str):
            value = value.split(",")
        elif not isinstance(value, list):
            value = [] if value is None else [value]
        texts = (as_text(item) or "" for item in value)
        return tuple(text.strip() for text in texts if text.strip())

    def items(self, variables: Mapping[str, Any], env: feel.Environment, what: str) -> list[Any]:
        """The value of a collection; anything but a list is a fault."""
        value = self.evaluate(variables, env)
        if not isinstance(value, list):
            raise Fault("not_a_list", f"{what} is no list: {self.text}{_why(env)}")
        return value

    def values(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The variables that the expression reads, with their present values, as plain JSON."""
        return {name: feel.to_plain(variables[name]) for name in sorted(self.names) if name in variables}


def as_text(value: Any) -> str | None:
    """A FEEL value as the text that keys and names are made of."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    return str(feel.to_plain(value))


def _why(env: feel.Environment) -> str:
    warnings = env.warnings
    return f" ({str(warnings[-1])[:200]})" if warnings else ""
