"""Variables, kept outside the tasks: one scope each for an instance, a subprocess, a multi-instance body and an
activity with a mapping (BPMN's data scopes). A scope's key is the id of the token that owns it; "" is the instance."""

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from engine import feel

ROOT = ""


class Stored(MutableMapping[str, Any]):
    """Variables of a loaded state: each becomes a FEEL value when somebody looks at it, the others stay as they lie."""

    __slots__ = ("_changed", "_pending", "_values")

    def __init__(self, values: dict[str, Any], changed: set[str] | None, *, stored: bool = False) -> None:
        self._values = values
        self._changed = changed  # where the names of what is set are told; None: nobody asks
        self._pending = set(values) if stored else set()

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        if name in self._pending:
            self._pending.discard(name)
            value = self._values[name] = feel.from_json(value)
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value
        self._pending.discard(name)
        if self._changed is not None:
            self._changed.add(name)

    def __delitem__(self, name: str) -> None:
        del self._values[name]
        self._pending.discard(name)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def to_store(self) -> dict[str, Any]:
        """JSON for the codec: what nobody looked at as it was loaded, the rest encoded."""
        pending = self._pending
        return {name: value if name in pending else feel.to_json(value) for name, value in self._values.items()}


class Scope:
    """Variables and the scope around them; a called process has none around it."""

    __slots__ = ("parent", "variables")

    def __init__(self, parent: str | None, variables: Stored) -> None:
        self.parent = parent
        self.variables = variables


class Scopes:
    """All scopes of one instance. `changed` are the variables set since somebody looked (None: nobody looks)."""

    def __init__(self, *, watched: bool) -> None:
        self.changed: set[str] | None = set() if watched else None
        self.all: dict[str, Scope] = {ROOT: Scope(None, Stored({}, self.changed))}

    def __contains__(self, key: str) -> bool:
        return key in self.all

    def open(self, key: str, parent: str | None, variables: Mapping[str, Any] | None = None) -> None:
        """A new scope inside `parent` (None: nothing outside is visible)."""
        scope = self.all[key] = Scope(parent, Stored({}, self.changed))
        scope.variables.update(variables or {})

    def restore(self, key: str, parent: str | None, variables: dict[str, Any]) -> None:
        """A scope read from a stored state; its values stay as they lie until somebody looks."""
        self.all[key] = Scope(parent, Stored(variables, self.changed, stored=True))

    def close(self, key: str) -> None:
        """The scope and its variables are gone."""
        self.all.pop(key, None)

    def local(self, key: str) -> Stored:
        """The variables that the scope itself owns."""
        return self.all[key].variables

    def view(self, key: str) -> Mapping[str, Any]:
        """What an expression in this scope sees: its own variables and those around it."""
        scope = self.all[key]
        if scope.parent is None:
            return scope.variables
        maps: list[MutableMapping[str, Any]] = [scope.variables]
        while scope.parent is not None:
            scope = self.all[scope.parent]
            maps.append(scope.variables)
        return ChainMap(*maps)

    def write(self, key: str, variables: Mapping[str, Any]) -> None:
        """Set each variable in the scope that owns it, looking outwards from `key`, else in the outermost one."""
        for name, value in variables.items():
            self.owner(key, name)[name] = value

    def owner(self, key: str, name: str) -> Stored:
        """The variables of the scope that owns `name`, else of the outermost scope seen from `key`."""
        scope = self.all[key]
        while name not in scope.variables and scope.parent is not None:
            scope = self.all[scope.parent]
        return scope.variables


def assign(variables: MutableMapping[str, Any], target: str, value: Any) -> None:
    """Set `a.b.c`: the contexts on the way are made, or copied so that nobody else's value changes."""
    first, *rest = target.split(".")
    if not rest:
        variables[first] = value
        return
    known = variables.get(first)
    inner = dict(known) if isinstance(known, dict) else {}
    variables[first] = inner
    assign(inner, ".".join(rest), value)
