"""Variables, kept outside the tasks: one scope each for an instance, a subprocess, a multi-instance body and an
activity with a mapping (BPMN's data scopes). A scope's key is the id of the token that owns it; "" is the instance."""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

ROOT = ""


class Scope:
    """Variables and the scope around them; a called process has none around it."""

    __slots__ = ("parent", "variables")

    def __init__(self, parent: str | None, variables: dict[str, Any]) -> None:
        self.parent = parent
        self.variables = variables


class Scopes:
    """All scopes of one instance."""

    def __init__(self) -> None:
        self.all: dict[str, Scope] = {ROOT: Scope(None, {})}

    def __contains__(self, key: str) -> bool:
        return key in self.all

    def open(self, key: str, parent: str | None, variables: Mapping[str, Any] | None = None) -> None:
        """A new scope inside `parent` (None: nothing outside is visible)."""
        self.all[key] = Scope(parent, dict(variables or {}))

    def close(self, key: str) -> None:
        """The scope and its variables are gone."""
        self.all.pop(key, None)

    def local(self, key: str) -> dict[str, Any]:
        """The variables that the scope itself owns."""
        return self.all[key].variables

    def view(self, key: str) -> Mapping[str, Any]:
        """What an expression in this scope sees: its own variables and those around it."""
        scope = self.all[key]
        if scope.parent is None:
            return scope.variables
        maps = [scope.variables]
        while scope.parent is not None:
            scope = self.all[scope.parent]
            maps.append(scope.variables)
        return ChainMap(*maps)

    def write(self, key: str, variables: Mapping[str, Any]) -> None:
        """Set each variable in the scope that owns it, looking outwards from `key`, else in the outermost one."""
        for name, value in variables.items():
            self.owner(key, name)[name] = value

    def owner(self, key: str, name: str) -> dict[str, Any]:
        """The variables of the scope that owns `name`, else of the outermost scope seen from `key`."""
        scope = self.all[key]
        while name not in scope.variables and scope.parent is not None:
            scope = self.all[scope.parent]
        return scope.variables


def assign(variables: dict[str, Any], target: str, value: Any) -> None:
    """Set `a.b.c`: the contexts on the way are made, or copied so that nobody else's value changes."""
    first, *rest = target.split(".")
    if not rest:
        variables[first] = value
        return
    known = variables.get(first)
    inner = dict(known) if isinstance(known, dict) else {}
    variables[first] = inner
    assign(inner, ".".join(rest), value)
