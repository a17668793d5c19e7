"""What stands in the boxes of a form: typed text as it was typed, stored values as a person would type them."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from forms import Component, raw


def texts_of(component: Component, typed: Mapping[str, object]) -> list[str]:
    """What was typed into one field; stored values become the text a person would type."""
    found = typed.get(component.key)
    if component.type == "number" and isinstance(found, int | float | Decimal) and not isinstance(found, bool):
        return [number_text(found)]
    return plain_texts(found)


def plain_texts(found: object) -> list[str]:
    """Whatever stands under a name, as texts."""
    items = found if isinstance(found, list | tuple) else [found]
    return [raw.text_of(item) for item in items if item is not None]


def number_text(value: float | Decimal) -> str:
    """1234567.5 as people type it: 1.234.567,5."""
    whole = f"{Decimal(str(value)):,f}"
    return whole.replace(",", "_").replace(".", ",").replace("_", ".")


def boxes_of(component: Component, typed: Mapping[str, object]) -> dict[str, str]:
    """The parts of a date or moment: as typed in boxes, or from one text or stored value."""
    names = ("date", "time") if component.subtype == "datetime" else ("day", "month", "year")
    boxes = {name: "".join(plain_texts(typed.get(f"{component.key}-{name}"))[-1:]) for name in names}
    if any(boxes.values()):
        return boxes
    found = typed.get(component.key)
    value = found[-1] if isinstance(found, list | tuple) and found else found
    return _split(component, value) if value else boxes


def _split(component: Component, value: object) -> dict[str, str]:
    text = value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else str(value)
    if component.subtype == "datetime":
        day_text, _, time_text = text.replace(" ", "T").partition("T")
        return {"date": day_text, "time": time_text[:5]}
    if isinstance(value, time):
        return {"time": value.strftime("%H:%M")}
    parts = text.split("-")
    if isinstance(value, date) or len(parts[0]) == 4:
        parts.reverse()
    return dict(zip(("day", "month", "year"), [*parts, "", ""], strict=False))
