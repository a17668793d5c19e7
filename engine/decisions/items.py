"""Item definitions as FEEL types, with allowed values and constraints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.decisions.xml import Element, child, children, text_of
from engine.feel.compile import Expression
from engine.feel.environment import Environment
from engine.feel.errors import FeelSyntaxError
from engine.feel.parser import parse_unary
from engine.feel.types import ANY, BASE_TYPES, ContextOf, FunctionOf, ListOf, Type, coerce

# XML Schema's and older modellers' names of numbers.
LEGACY: dict[str, Type] = dict.fromkeys(
    ("integer", "int", "long", "short", "double", "float", "decimal"), BASE_TYPES["number"]
)
Lookup = Callable[[str], Type | None]


class ItemType(Type):
    """A named item definition: its base type, and what its values must satisfy beyond it."""

    def __init__(self, name: str, base: Type, allowed: Expression | None, constraint: Expression | None) -> None:
        self.name, self.base, self.allowed, self.constraint = name, base, allowed, constraint

    def accepts(self, value: Any) -> bool:
        """By the base type alone, as `instance of` asks."""
        return self.base.accepts(value)

    def satisfied(self, value: Any, env: Environment) -> bool:
        """Whether the value, and everything in it, keeps to the allowed values. Null keeps to them."""
        if value is None:
            return True
        if not satisfied(self.base, value, env):
            return False
        tests = [test for test in (self.allowed, self.constraint) if test is not None]
        return all(test.evaluate({}, env, input=value) is True for test in tests)


def satisfied(wanted: Type, value: Any, env: Environment) -> bool:
    """Whether a value keeps to the constraints of its type and of the types inside."""
    if value is None:
        return True
    if isinstance(wanted, ItemType):
        return wanted.satisfied(value, env)
    if isinstance(wanted, ListOf) and isinstance(value, list):
        return all(satisfied(wanted.element, item, env) for item in value)
    if isinstance(wanted, ContextOf) and isinstance(value, dict):
        return all(satisfied(member, value.get(name), env) for name, member in wanted.members.items())
    return True


def result_of(wanted: Type) -> Type | None:
    """What a function declared with this type answers: the function's result, or the very type (as before DMN 1.3)."""
    base = wanted
    while isinstance(base, ItemType):
        base = base.base
    return base.result if isinstance(base, FunctionOf) else wanted


def allowed_text(wanted: object) -> str:
    """The allowed values of an item definition, or of the one it is made of, as they are written."""
    while isinstance(wanted, ItemType):
        if wanted.allowed is not None:
            return wanted.allowed.text
        wanted = wanted.base
    return ""


def conform(value: Any, wanted: Type, env: Environment, what: str) -> Any:
    """The value converted to the type; null (recorded) when it is not of it or breaks its constraints."""
    if value is None:
        return None
    converted = coerce(value, wanted)
    if converted is None:
        env.warn(f"{what}: not of type {wanted.name}")
        return None
    if not satisfied(wanted, converted, env):
        env.warn(f"{what}: not among the allowed values of {wanted.name}")
        return None
    return converted


class Items:
    """The item definitions of one file, resolved on demand (they may refer to each other in any order)."""

    def __init__(self, root: Element, imported: Mapping[str, Lookup], unnamed: Sequence[Lookup]) -> None:
        self.found = {each.get("name", ""): each for each in children(root, "itemDefinition")}
        self.prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
        self.imported = imported
        self.unnamed = unnamed
        self.types: dict[str, Type] = {}
        self.problems: list[str] = []
        self.component_names: set[str] = set()
        for each in root.iter("{*}itemComponent"):
            self.component_names.add(each.get("name", ""))

    def lookup(self, reference: str) -> Type | None:
        """The type of a typeRef: an item definition, a FEEL type, or one of an imported model."""
        if reference in self.types:
            return self.types[reference]
        if reference in self.found:
            self.types[reference] = ANY  # met again while it is being made: a type inside itself
            made = self._make(self.found[reference])
            self.types[reference] = made
            return made
        return BASE_TYPES.get(reference) or LEGACY.get(reference) or self._foreign(reference)

    def _foreign(self, reference: str) -> Type | None:
        for name, lookup in self.imported.items():
            if reference.startswith(f"{name}."):
                return lookup(reference[len(name) + 1 :])
        for lookup in self.unnamed:
            if (found := lookup(reference)) is not None:
                return found
        prefix, colon, rest = reference.partition(":")
        if not colon:
            return None
        uri = self.prefixes.get(prefix, "")
        if uri in self.imported:
            return self.imported[uri](rest)
        return BASE_TYPES.get(rest) or LEGACY.get(rest) or (self.lookup(rest) if rest in self.found else None)

    def _make(self, element: Element) -> Type:
        name = element.get("name", "")
        base = self._base(element)
        allowed, constraint = self._test(element, "allowedValues"), self._test(element, "typeConstraint")
        if element.get("isCollection") == "true":
            inner = ItemType(name, base, allowed, None) if allowed else base
            return ItemType(name, ListOf(inner), None, constraint)
        return ItemType(name, base, allowed, constraint)

    def _base(self, element: Element) -> Type:
        components = list(children(element, "itemComponent"))
        if components:
            return ContextOf({each.get("name", ""): self._make(each) for each in components})
        function = child(element, "functionItem")
        if function is not None:
            params = [self._type(each.get("typeRef")) for each in children(function, "parameters")]
            return FunctionOf(params, self._type(function.get("outputTypeRef")))
        return self._type(text_of(element, "typeRef"))

    def _type(self, reference: str | None) -> Type:
        if not reference:
            return ANY
        found = self.lookup(reference)
        if found is None:
            self.problems.append(f"There is no type {reference}.")
        return found or ANY

    def _test(self, element: Element, name: str) -> Expression | None:
        text = text_of(child(element, name))
        if not text:
            return None
        try:
            return Expression(text, parse_unary(text))
        except FeelSyntaxError as problem:
            self.problems.append(f"Item definition {element.get('name')}: {problem}")
            return None
