"""What an element of a diagram is called: its name, or what kind it is and where it stands."""

from collections.abc import Iterator, Mapping

from flask_babel import gettext

from engine.casework import studio_parts
from engine.casework.studio_parts import Thing
from web.i18n import pick
from web.studio_words import KINDS
from web.words import name

Called = Mapping[tuple[str, str], str]
"""(file, id) -> words."""


def called(bodies: Mapping[str, bytes]) -> Called:
    """Every element of the diagrams in the reader's language; what is no kind that people know stays away."""
    return {
        (path, key): words
        for path, body in bodies.items()
        if path.endswith(".bpmn")
        for key, words in _diagram(studio_parts.things(path, body))
    }


def _diagram(things: Mapping[str, Thing]) -> Iterator[tuple[str, str]]:
    flows = [thing for thing in things.values() if thing.what == "sequenceFlow"]
    before = {flow.details.get("targetRef", ""): flow.details.get("sourceRef", "") for flow in reversed(flows)}
    after = {flow.details.get("sourceRef", ""): flow.details.get("targetRef", "") for flow in reversed(flows)}
    for key, thing in things.items():
        if thing.what == "sequenceFlow":
            yield key, _flow(thing, things)
        elif thing.name:
            yield key, pick(thing.name, thing.name_en)
        elif thing.what in KINDS:
            host = things.get(thing.details.get("attachedToRef", ""))
            yield (
                key,
                _place(name(KINDS, thing.what), host, things.get(before.get(key, "")), things.get(after.get(key, ""))),
            )


def _flow(flow: Thing, things: Mapping[str, Thing]) -> str:
    ends = (_neighbour(things.get(flow.details.get(end, ""))) for end in ("sourceRef", "targetRef"))
    source, target = (end or "…" for end in ends)
    return gettext("alur dari %(source)s ke %(target)s", source=source, target=target)


def _place(kind: str, host: Thing | None, before: Thing | None, after: Thing | None) -> str:
    if at := _neighbour(host):
        return gettext("%(kind)s pada %(at)s", kind=kind, at=at)
    if at := _neighbour(before):
        return gettext("%(kind)s setelah %(at)s", kind=kind, at=at)
    if at := _neighbour(after):
        return gettext("%(kind)s sebelum %(at)s", kind=kind, at=at)
    return kind


def _neighbour(thing: Thing | None) -> str:
    """Its name in quotes, or what kind it is."""
    if thing is None:
        return ""
    return f"“{pick(thing.name, thing.name_en)}”" if thing.name else name(KINDS, thing.what)
