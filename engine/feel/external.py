"""`function(...) external`: nothing outside FEEL is ever called; a few pure Java functions have a twin here.

DMN 1.5 (10.3.2.13.3) maps FEEL functions to Java methods. Whoever edits a diagram must not reach a runtime, so only
arithmetic of java.lang.Math, the number classes' `valueOf` and String's `valueOf` and `format` are known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from engine.feel import numbers
from engine.feel.environment import Environment
from engine.feel.errors import NullResult
from engine.feel.show import plain
from engine.feel.values import Function

_SIGNATURE = re.compile(r"(\w+)\s*\(\s*([^()]*?)\s*\)")
_WHOLE = {"byte": 8, "short": 16, "int": 32, "long": 64}
_SPELLINGS = {"java.lang.String": "String", "java.lang.Object": "Object", "[Ljava.lang.Object;": "Object..."}
_BOXES = {"Byte": "byte", "Short": "short", "Integer": "int", "Long": "long", "Float": "float", "Double": "double"}


def _real(run: Callable[[float], float]) -> Callable[[Any], Any]:
    return lambda value: numbers.number(repr(run(float(value))))


_MATH: dict[str, tuple[int, Callable[..., Any]]] = {
    name: (1, _real(getattr(math, name)))
    for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log10", "cbrt", "sqrt")
} | {
    "log": (1, _real(math.log)),
    "toRadians": (1, _real(math.radians)),
    "toDegrees": (1, _real(math.degrees)),
    "floor": (1, lambda value: numbers.scaled(value, 0, numbers.ROUNDINGS["floor"])),
    "ceil": (1, lambda value: numbers.scaled(value, 0, numbers.ROUNDINGS["ceiling"])),
    "abs": (1, abs),
    "max": (2, max),
    "min": (2, min),
    "pow": (2, numbers.power),
}


def argument(value: Any, kind: str) -> Any:
    """A FEEL value as that Java type takes it; NullResult when it does not."""
    if kind in _WHOLE:
        whole = numbers.integer(value)
        if whole is None or not -(1 << (_WHOLE[kind] - 1)) <= whole < 1 << (_WHOLE[kind] - 1):
            raise NullResult(f"no {kind}")
        return value
    wanted: type | None = {"double": Decimal, "float": Decimal, "char": str, "String": str, "boolean": bool}.get(kind)
    if wanted is None or not isinstance(value, wanted) or (kind == "char" and len(str(value)) != 1):
        raise NullResult(f"no {kind}")
    return value


def _format(text: str, values: Sequence[Any]) -> str:
    """Java's `%s` and `%d` in order."""
    pending = list(values)

    def one(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[0] not in {"%s", "%d"} or not pending:
            raise NullResult("this format is not known")
        return plain(pending.pop(0))

    return re.sub(r"%.", one, text)


def _method(class_name: str, method: str, kinds: Sequence[str]) -> Callable[..., Any] | None:
    """The twin of a Java method, None when there is none."""
    simple = class_name.removeprefix("java.lang.")
    if simple == "Math" and method in _MATH and len(kinds) == _MATH[method][0]:
        return None if "String" in kinds else _MATH[method][1]
    if method == "valueOf" and simple in _BOXES and len(kinds) == 1:
        if kinds[0] == "String":
            return lambda text: argument(numbers.number(text), _BOXES[simple])
        return (lambda value: value) if kinds[0] == _BOXES[simple] else None
    if simple == "String" and method == "valueOf" and len(kinds) == 1:
        return plain
    if simple == "String" and method == "format" and list(kinds) == ["String", "Object..."]:
        return lambda text, *values: _format(text, values)
    return None


class External(Function):
    """A FEEL function whose body is a twin of a Java method."""

    __slots__ = ("kinds", "run")

    def __init__(self, name: str, params: Sequence[str], kinds: Sequence[str], run: Callable[..., Any]) -> None:
        super().__init__(name, params)
        self.kinds, self.run = kinds, run

    def call(self, env: Environment, args: Sequence[Any]) -> Any:
        """Convert the arguments and run."""
        try:
            if len(args) != len(self.params):
                raise NullResult("wrong number of arguments")
            fixed = [kind for kind in self.kinds if not kind.endswith("...")]
            values = [argument(value, kind) for value, kind in zip(args, fixed, strict=False)]
            return self.run(*values, *args[len(fixed) :])
        except (NullResult, ValueError, OverflowError) as problem:
            env.warn(f"{self.name}: {problem}")
            return None


def external_function(params: Sequence[str], mapping: Any, env: Environment) -> Function | None:
    """The function that `{java: {class, method signature}}` names, or null with a reason."""
    java = mapping.get("java") if isinstance(mapping, dict) else None
    java = java if isinstance(java, dict) else {}
    class_name, signature = java.get("class"), java.get("method signature")
    match = _SIGNATURE.fullmatch(signature.strip()) if isinstance(signature, str) else None
    if match is None or not isinstance(class_name, str):
        env.warn("external function: not described")
        return None
    kinds = [_SPELLINGS.get(kind.strip(), kind.strip()) for kind in match[2].split(",")] if match[2] else []
    run = _method(class_name, match[1], kinds)
    if run is None or len(kinds) != len(params):
        env.warn(f"external function: {class_name}.{match[0]} is not known here")
        return None
    return External(match[1], params, kinds, run)
