"""`function(...) external`: nothing outside FEEL is ever called; a few pure Java functions have a FEEL twin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, DecimalException
from typing import Any

from engine.feel.environment import Environment
from engine.feel.values import Function


def external_function(params: Sequence[str], mapping: Any, env: Environment) -> Function | None:
    """The function that an external mapping names, or null with a reason."""
    return None


__all__ = ["Callable", "Decimal", "DecimalException", "external_function"]
