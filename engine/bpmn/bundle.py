"""Which files belong together: a family's own and every file that they call, name or decide by, through all hops."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.bpmn.xml import UnreadableXml, read_xml
from engine.errors import InvalidDefinition

_DECIDE = re.compile(r"""decide\s*\(\s*["']([^"']+)["']""")


@dataclass(slots=True)
class _Uses:
    defines: set[tuple[str, str]] = field(default_factory=set)
    names: set[tuple[str, str]] = field(default_factory=set)


def bundles(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Family -> its bundle (file name -> bytes), for 'family/name.suffix' files. Raises InvalidDefinition.

    A name that nothing in `files` defines is left out: compiling the bundle then says so with its element.
    """
    uses = {name: _uses(name, body) for name, body in files.items()}
    owner = {thing: name for name, found in uses.items() for thing in found.defines}
    families = sorted({name.partition("/")[0] for name in files if name.endswith(".bpmn")})
    return {family: _closure(family, files, uses, owner) for family in families}


def _closure(
    family: str, files: Mapping[str, bytes], uses: Mapping[str, _Uses], owner: Mapping[tuple[str, str], str]
) -> dict[str, bytes]:
    todo = [name for name in files if name.partition("/")[0] == family]
    found: dict[str, bytes] = {}
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found[name] = files[name]
        todo += [owner[thing] for thing in uses[name].names if thing in owner]
    return dict(sorted(found.items()))


def _uses(name: str, body: bytes) -> _Uses:
    if name.endswith(".form"):
        return _form_uses(name, body)
    try:
        root = read_xml(body)
    except UnreadableXml as error:
        raise InvalidDefinition([f"{name}: {error.args[0]} {error.args[1]}".strip()]) from error
    uses = _Uses()
    for element in root.iter():
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if tag in ("process", "decision", "businessKnowledgeModel", "decisionService") and element.get("id"):
            uses.defines.add((tag if tag == "process" else "decision", str(element.get("id"))))
        if tag == "message" and element.get("name"):
            uses.names.add(("form", str(element.get("name"))))  # what an agency's reply is typed into
        for attribute, kind in (("processId", "process"), ("decisionId", "decision"), ("formId", "form")):
            if element.get(attribute):
                uses.names.add((kind, str(element.get(attribute))))
        texts = [str(value) for value in element.attrib.values()] + ([element.text] if element.text else [])
        uses.names |= {("decision", decision) for text in texts for decision in _DECIDE.findall(text)}
    return uses


def _form_uses(name: str, body: bytes) -> _Uses:
    try:
        form = json.loads(body)
    except ValueError as error:
        raise InvalidDefinition([f"{name}: not JSON: {error}"]) from error
    form_id = form.get("id") if isinstance(form, dict) else None
    return _Uses(defines={("form", str(form_id))} if form_id else set())
