"""Numbers in addresses and forms: only those that a row can have; every other number names nothing."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**63 - 1


class RowNumber(IntegerConverter):
    """`<int:...>` up to what the database counts to, so that a longer one is not found instead of an error."""

    def __init__(
        self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = LARGEST, signed: bool = False
    ) -> None:
        super().__init__(map, fixed_digits, min, max, signed)


def row_number(text: str) -> int | None:
    """The number of a row that a form names; None for everything that cannot be one."""
    return int(text) if text.isdecimal() and len(text) < len(str(LARGEST)) else None


def init_app(app: Flask) -> None:
    """Let the routes of `app` that are added from now on read numbers so."""
    app.url_map.converters["int"] = RowNumber
