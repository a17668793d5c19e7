"""Policies by part of the product: who may open a page of an area is said once, in engine/permissions.py."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from engine.permissions import Area
from web.auth import requires

P = ParamSpec("P")
T = TypeVar("T")


def requires_area(area: Area) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Only workers whose roles open the area."""
    return requires(area)
