"""The little markup that forms and diagrams may hold: paragraphs, lists, headings, bold, emphasis, links."""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_EMPHASIS = re.compile(r"(?<![*\w])[*_](\S(?:.*?\S)?)[*_](?![*\w])")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+|/[^\s)]*)\)")


def to_html(text: str) -> Markup:
    """HTML of a text; everything that is not the little markup is escaped."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return Markup("\n").join(_block(block.strip()) for block in blocks if block.strip())


def _block(block: str) -> Markup:
    lines = [line.strip() for line in block.splitlines()]
    if heading := re.match(r"^#{1,4}\s+(.*)", lines[0]):
        rest = "\n".join(lines[1:])
        made = Markup('<h3 class="govuk-heading-s">{}</h3>').format(_inline(heading[1]))
        return made + _block(rest) if rest else made
    if all(re.match(r"^[-*]\s+", line) for line in lines):
        items = Markup("").join(Markup("<li>{}</li>").format(_inline(line[1:].strip())) for line in lines)
        return Markup('<ul class="govuk-list govuk-list--bullet">{}</ul>').format(items)
    return Markup('<p class="govuk-body">{}</p>').format(Markup("<br>").join(_lines(lines)))


def _lines(lines: list[str]) -> Iterator[Markup]:
    return (_inline(line) for line in lines)


def _inline(text: str) -> Markup:
    made = str(escape(text))
    made = _LINK.sub(r'<a class="govuk-link" href="\2">\1</a>', made)
    made = _BOLD.sub(r"<strong>\1</strong>", made)
    return Markup(_EMPHASIS.sub(r"<em>\1</em>", made))  # noqa: S704 (escaped above; only our own tags are added)
