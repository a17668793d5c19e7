"""Reading XML that a stranger sent: no DTD, no entities, no network, and limits on size, nodes and depth."""

from functools import lru_cache

from lxml import etree

MAX_BYTES = 8 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 60


class UnreadableXml(ValueError):
    """`args[0]` is a code of the findings catalogue, `args[1]` the detail."""


@lru_cache(4096)
def split_name(name: str) -> tuple[str, str]:
    """Namespace and local name of a tag or attribute."""
    namespace, _, local = name.rpartition("}")
    return namespace[1:], local


def as_boolean(text: str) -> str:
    """XML writes booleans as true and false or as 1 and 0; other texts stay as they are."""
    return {"1": "true", "0": "false"}.get(text.strip(), text.strip())


def read_xml(data: bytes) -> etree._Element:
    """Parse `data` and return its root, or raise UnreadableXml with the reason."""
    if len(data) > MAX_BYTES:
        raise UnreadableXml("xml_too_large", f"{len(data)} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableXml("xml_malformed", str(error)[:200]) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableXml("xml_doctype", "")
    _measure(root)
    return root


def _measure(root: etree._Element) -> None:
    depth = nodes = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        nodes += event == "start"
        if depth > MAX_DEPTH:
            raise UnreadableXml("xml_too_deep", f"{MAX_DEPTH}")
        if nodes > MAX_NODES:
            raise UnreadableXml("xml_too_many_nodes", f"{MAX_NODES}")
