"""Scopes at run time: a frame holds variables and knows the frame around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel.environment import Environment

Run = Callable[["Frame"], Any]
MISSING = object()


class Frame:
    """Variables of one scope."""

    __slots__ = ("env", "parent", "variables")

    def __init__(self, variables: Mapping[str, Any], env: Environment, parent: Frame | None = None) -> None:
        self.variables = variables
        self.env = env
        self.parent = parent

    def find(self, name: str) -> Any:
        """The nearest variable of that name, or MISSING."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.variables:
                return frame.variables[name]
            frame = frame.parent
        return MISSING
