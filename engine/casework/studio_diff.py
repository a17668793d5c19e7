"""What a draft changes, in an analyst's words: elements, rules and questions rather than lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.casework.studio_parts import REFERENCES, Thing, things


@dataclass(frozen=True, slots=True)
class Part:
    """One detail that differs: an attribute, a child's tag, a column's head, or `order`; None where it is missing."""

    what: str
    what_en: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `kind`: added | removed | changed; `what`: the element's tag or the question's type."""

    file: str
    kind: str
    what: str
    id: str
    name: str
    name_en: str = ""
    parts: tuple[Part, ...] = ()


def changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Change]:
    """Everything that differs between two sets of files, file by file."""
    found: list[Change] = []
    for name in sorted(set(before) | set(after)):
        if before.get(name) != after.get(name):
            found += _file(name, before.get(name, b""), after.get(name, b""))
    return found


def _file(name: str, before: bytes, after: bytes) -> list[Change]:
    old, new = things(name, before), things(name, after)
    found = []
    for key in [*old, *(key for key in new if key not in old)]:
        kind = _kind(old.get(key), new.get(key))
        if kind:
            thing = new.get(key) or old[key]
            parts = tuple(_parts(old, new, key)) if kind == "changed" else ()
            found.append(Change(name, kind, thing.what, key, thing.name, thing.name_en, parts))
    # Nothing that has a name differs: lines were moved, questions put in another order.
    return found or [Change(name, "changed", "drawing", name, "")]


def _kind(old: Thing | None, new: Thing | None) -> str:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    return "changed" if old != new or _reordered(old, new) else ""


def _reordered(old: Thing, new: Thing) -> bool:
    kept = set(old.order) & set(new.order)
    return [key for key in old.order if key in kept] != [key for key in new.order if key in kept]


def _parts(old: Mapping[str, Thing], new: Mapping[str, Thing], key: str) -> Iterator[Part]:
    if _reordered(old[key], new[key]):
        yield Part("order", "", None, None)
    before, after = old[key].details, new[key].details
    for what in dict.fromkeys([*before, *after]):
        if before.get(what) != after.get(what):
            named = what in REFERENCES
            yield Part(
                what,
                new[key].english.get(what, ""),
                _named(old, before.get(what)) if named else before.get(what),
                _named(new, after.get(what)) if named else after.get(what),
            )


def _named(known: Mapping[str, Thing], key: str | None) -> str | None:
    return (known[key].name or key) if key is not None and key in known else key
