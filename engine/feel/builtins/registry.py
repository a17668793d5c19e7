"""How built-in functions are declared, chosen among their overloads, and given converted arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import DecimalException
from typing import Any, TypeVar

from engine.feel.environment import Environment
from engine.feel.errors import NullResult
from engine.feel.types import BASE_TYPES, Type, coerce
from engine.feel.values import Function

Implementation = TypeVar("Implementation", bound=Callable[..., Any])
BUILTINS: dict[str, Builtin] = {}
_GROWING = frozenset((str, list, dict))


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter; `types` are tried in order, `null` says whether null may be given."""

    name: str
    types: tuple[Type, ...]
    optional: bool
    null: bool

    @classmethod
    def read(cls, text: str) -> Param:
        """From `name: type|type?`; `?` is optional, a type `null` lets null in, `any` lets anything in."""
        name, _, kind = text.strip().partition(":")
        optional = kind.endswith("?")
        kinds = [each.strip() for each in kind.rstrip("?").split("|")]
        types = tuple(BASE_TYPES[each] for each in kinds if each != "null")
        return cls(name.strip(), types, optional, "null" in kinds or "any" in kinds)

    def fit(self, value: Any) -> Any:
        """The argument converted; NullResult when it is of no such type."""
        if value is None:
            if self.null:
                return None
            raise NullResult(f"{self.name} is null")
        for wanted in self.types:
            if wanted.accepts(value):
                return value
        for wanted in self.types:
            converted = coerce(value, wanted)
            if converted is not None:
                return converted
        raise NullResult(f"{self.name} has the wrong type")


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature. `variadic`: the last parameter takes all further arguments, as a list."""

    params: tuple[Param, ...]
    run: Callable[..., Any]
    variadic: bool
    env: bool

    def takes(self, count: int) -> bool:
        """Whether so many arguments by position fit."""
        if self.variadic:
            return count >= len(self.params)
        return sum(not param.optional for param in self.params) <= count <= len(self.params)

    def fit(self, args: Sequence[Any]) -> list[Any]:
        """The arguments converted."""
        if not self.variadic:
            return [param.fit(arg) for param, arg in zip(self.params, args, strict=False)]
        fixed = len(self.params) - 1
        last = self.params[-1]
        return [param.fit(arg) for param, arg in zip(self.params[:-1], args[:fixed], strict=True)] + [
            [last.fit(arg) for arg in args[fixed:]]
        ]

    def positional(self, args: Mapping[str, Any]) -> list[Any] | None:
        """Named arguments in order (missing optional ones are null), None when the names do not fit."""
        names = [param.name for param in self.params]
        if self.variadic or not set(args) <= set(names):
            return None
        if any(param.name not in args and not param.optional for param in self.params):
            return None
        while names and names[-1] not in args:
            names.pop()
        return [args.get(name) for name in names]


class Builtin(Function):
    """A built-in function with its overloads."""

    __slots__ = ("overloads",)

    def __init__(self, name: str) -> None:
        super().__init__(name, ())
        self.overloads: list[Overload] = []

    def add(self, overload: Overload) -> None:
        """One more signature; the first names the parameters."""
        self.overloads.append(overload)
        if len(self.overloads) == 1:
            self.params = tuple(param.name for param in overload.params)

    def call(self, env: Environment, args: Sequence[Any]) -> Any:
        """By position."""
        fitting = [(each, args) for each in self.overloads if each.takes(len(args))]
        return self._first(env, fitting)

    def call_named(self, env: Environment, args: Mapping[str, Any]) -> Any:
        """By name. Where two signatures have the same names, the one in the order written is meant."""
        written = list(args)
        overloads = sorted(self.overloads, key=lambda each: [param.name for param in each.params] != written)
        fitting = [(each, found) for each in overloads if (found := each.positional(args)) is not None]
        return self._first(env, fitting)

    def _first(self, env: Environment, fitting: Sequence[tuple[Overload, Sequence[Any]]]) -> Any:
        """The first overload whose parameters take the arguments."""
        reason = "wrong number or names of arguments"
        for overload, args in fitting:
            try:
                converted = overload.fit(args)
            except NullResult as problem:
                reason = str(problem)
                continue
            return self._run(env, overload, converted)
        env.warn(f"{self.name}: {reason}")
        return None

    def _run(self, env: Environment, overload: Overload, args: list[Any]) -> Any:
        try:
            result = overload.run(env, *args) if overload.env else overload.run(*args)
            if result.__class__ in _GROWING:
                env.grow(len(result))
            return result
        except NullResult as problem:
            env.warn(f"{self.name}: {problem}")
        except (ValueError, OverflowError, DecimalException):
            env.warn(f"{self.name}: there is no such value")
        return None


def builtin(
    name: str, params: str = "", *, variadic: bool = False, env: bool = False
) -> Callable[[Implementation], Implementation]:
    """Declare a signature of the built-in `name`; `env` passes the environment first."""

    def register(run: Implementation) -> Implementation:
        found = tuple(Param.read(each) for each in params.split(",")) if params else ()
        BUILTINS.setdefault(name, Builtin(name)).add(Overload(found, run, variadic, env))
        return run

    return register


def over_list(name: str, *, env: bool = False) -> Callable[[Implementation], Implementation]:
    """Declare a function of one list, which may also be given as several arguments."""

    def register(run: Implementation) -> Implementation:
        builtin(name, "list: list", env=env)(run)
        builtin(name, "list: any", variadic=True, env=env)(_several(run, env))
        return run

    return register


def _several(run: Callable[..., Any], env: bool) -> Callable[..., Any]:
    """The variadic twin; a single argument is the list form's business."""

    def several(*args: Any) -> Any:
        if len(args[-1]) < 2:
            raise NullResult("the list is null")
        return run(*args) if env else run(args[-1])

    return several
