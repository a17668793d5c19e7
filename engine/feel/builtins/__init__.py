"""All built-in functions of FEEL, by name."""

from engine.feel.builtins import (
    boolean,
    context,
    conversion,
    list_,
    list_changes,
    numeric,
    range_,
    string,
    temporal,
)
from engine.feel.builtins.host import host_function
from engine.feel.builtins.registry import BUILTINS

__all__ = [
    "BUILTINS",
    "boolean",
    "context",
    "conversion",
    "host_function",
    "list_",
    "list_changes",
    "numeric",
    "range_",
    "string",
    "temporal",
]
