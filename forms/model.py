"""A form as data: components, options, limits; nothing here reads files or checks answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from engine.feel import Expression

TYPED = ("textfield", "textarea", "number", "select", "radio", "checklist", "checkbox", "datetime", "filepicker")
CHOICES = ("select", "radio", "checklist")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select, radio or checklist. `value` is what HTML carries, `answer` what is stored."""

    value: str
    answer: str | bool | Decimal
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The `validate` object of a component."""

    required: bool = False
    min: Decimal | None = None
    max: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, eq=False)
class Component:
    """One component; `key` is empty for groups, static text and separators."""

    type: str
    id: str
    key: str = ""
    label: str = ""
    description: str = ""
    text: str = ""
    subtype: str = ""
    decimal_digits: int | None = None
    multiple: bool = False
    default: object = None
    options: tuple[Option, ...] = ()
    limits: Limits = Limits()
    hide: Expression | None = None
    require: Expression | None = None
    check: Expression | None = None
    prefill: Expression | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    children: tuple["Component", ...] = ()

    @property
    def name(self) -> str:
        """The key, or for a component without one its id behind a `#`: unique within its form or row."""
        return self.key or f"#{self.id}"

    @property
    def format(self) -> str:
        """rupiah, nik, kk, phone, village, code, gps or nothing."""
        return self.properties.get("format", "")

    @property
    def is_fact(self) -> bool:
        """May the process see this answer? A list may when one of its columns may."""
        if self.type == "dynamiclist":
            return any(child.is_fact for child in questions(self.children))
        return self.properties.get("fact") == "true"

    @property
    def is_personal(self) -> bool:
        """Is the answer encrypted at rest and masked by permission?"""
        if self.type == "dynamiclist":
            own = self.properties.get("personal") == "true"
            return own or any(child.is_personal for child in questions(self.children))
        return self.properties.get("personal") == "true" or self.format in ("nik", "kk", "phone", "gps")

    @cached_property
    def readers(self) -> frozenset[str]:
        """The groups that may read the answer; none means everybody who may read the case."""
        return frozenset(name.strip() for name in self.properties.get("readers", "").split(",") if name.strip())

    @property
    def record(self) -> str:
        """The path of the case record that this answer is written to, or nothing."""
        return self.properties.get("record", "")

    def label_in(self, locale: str) -> str:
        """The label in `locale` ("id" or "en"); Indonesian where the English is missing."""
        return self._word("label:en", self.label, locale)

    def description_in(self, locale: str) -> str:
        """The hint in `locale`."""
        return self._word("description:en", self.description, locale)

    def text_in(self, locale: str) -> str:
        """The static text in `locale`."""
        return self._word("text:en", self.text, locale)

    def _word(self, english_key: str, indonesian: str, locale: str) -> str:
        return (self.properties.get(english_key) or indonesian) if locale == "en" else indonesian


@dataclass(frozen=True, eq=False)
class Form:
    """A form definition that was read and found sound. `hash` names its exact content."""

    id: str
    hash: str
    components: tuple[Component, ...]
    properties: Mapping[str, str]

    def title_in(self, locale: str) -> str:
        """The form's title in `locale`; its id when it has none."""
        english = self.properties.get("title:en", "") if locale == "en" else ""
        return english or self.properties.get("title", self.id)

    @property
    def record(self) -> str:
        """Which register the form feeds: register, verify, consent, assess, …"""
        return self.properties.get("record", "")

    @cached_property
    def questions(self) -> Mapping[str, Component]:
        """Every component that takes an answer, by key; the columns of a list are under the list."""
        return {component.key: component for component in questions(self.components)}


def questions(components: tuple[Component, ...]) -> Iterator[Component]:
    """The components that take an answer, groups opened, lists kept closed."""
    for component in components:
        if component.type == "group":
            yield from questions(component.children)
        elif component.key:
            yield component


def walk(components: tuple[Component, ...]) -> Iterator[Component]:
    """Every component, depth first."""
    for component in components:
        yield component
        yield from walk(component.children)
