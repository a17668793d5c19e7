"""The invented districts of a load test and who works there: 10 kabupaten of 10 kecamatan of 10 villages each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from engine.store.regions import prefixes

FIRST = 51
KABUPATEN = 10
KECAMATAN = 10
VILLAGES = 10
PREFIX = "uji"
"""What user names begin with."""

# Who of the demo's office stands for whom: the demo's worker, and whether there is one in each kecamatan.
OFFICE = {
    "psm01": True, "tksk01": True, "tksk02": True, "pendamping01": True,
    "tagana01": False, "tagana02": False, "peksos01": False, "fo01": False, "bo01": False, "kb_rehsos": False,
    "kb_linjamsos": False, "kb_dayasos": False, "kb_pfm": False, "kd01": False, "operator01": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copied:
    """What a worker of the demo's office has that its copies have too."""

    id: int
    password_hash: str
    unit: str | None
    duty: bool
    roles: tuple[str, ...]


def regions() -> list[tuple[str, str]]:
    """(code, name) of every region, parents first, without the province."""
    found = []
    for kabupaten in range(FIRST, FIRST + KABUPATEN):
        found.append((f"99.{kabupaten}", f"Kabupaten Uji {kabupaten}"))
        for kecamatan in range(1, KECAMATAN + 1):
            code = f"99.{kabupaten}.{kecamatan:02}"
            found.append((code, f"Kecamatan Uji {kabupaten}-{kecamatan:02}"))
            found += [(f"{code}.{2000 + n}", f"Desa Uji {kabupaten}-{kecamatan:02}-{n}") for n in _villages()]
    return found


def _villages() -> range:
    return range(1, VILLAGES + 1)


def kecamatan() -> list[str]:
    """Codes of every kecamatan."""
    return [code for code, _ in regions() if code.count(".") == 2]


def lay(connection: Connection, at: datetime) -> None:
    """Write regions and workers. The demo's office must be there: its workers are copied, passwords included."""
    places = regions()
    with connection.cursor().copy("COPY region (code, name, level, parent_code) FROM STDIN") as copy:
        for code, name in places:
            copy.write_row((code, name, code.count(".") + 1, code.rpartition(".")[0]))
    with connection.cursor().copy("COPY region_closure (ancestor, descendant) FROM STDIN") as copy:
        for code, _ in places:
            for ancestor in prefixes(code):
                copy.write_row((ancestor, code))
    _lay_workers(connection, places, at)


def _lay_workers(connection: Connection, places: list[tuple[str, str]], at: datetime) -> None:
    office = _office(connection)
    row = connection.execute("SELECT coalesce(max(id), 0) FROM worker").fetchone()
    first = int(row[0]) + 1 if row else 1
    posts = list(_posts(places))
    cursor = connection.cursor()
    with cursor.copy(
        "COPY worker (id, username, name, password_hash, unit, time_zone, is_active, restricted_duty, created_at)"
        " FROM STDIN"
    ) as copy:
        for number, (demo, region) in enumerate(posts, first):
            like = office[demo]
            name = f"{PREFIX}.{demo}.{region}"
            copy.write_row(
                (number, name, f"Petugas {name}", like.password_hash, like.unit, "Asia/Jakarta", True, like.duty, at)
            )
    with cursor.copy("COPY worker_role (worker_id, role) FROM STDIN") as copy:
        for number, (demo, _) in enumerate(posts, first):
            for role in office[demo].roles:
                copy.write_row((number, role))
    with cursor.copy("COPY worker_region (worker_id, region_code) FROM STDIN") as copy:
        for number, (_, region) in enumerate(posts, first):
            copy.write_row((number, region))
    cursor.execute("SELECT setval(pg_get_serial_sequence('worker', 'id'), (SELECT max(id) FROM worker))")


def _posts(places: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(worker of the demo, region): one copy for each kabupaten or kecamatan."""
    for code, _ in places:
        level = code.count(".")
        yield from ((demo, code) for demo, is_local in OFFICE.items() if level == (2 if is_local else 1))


def _office(connection: Connection) -> dict[str, Copied]:
    rows = connection.execute(
        "SELECT w.username, w.id, w.password_hash, w.unit, w.restricted_duty, array_agg(r.role)"
        " FROM worker w JOIN worker_role r ON r.worker_id = w.id WHERE w.username = ANY(%s) GROUP BY w.id",
        [list(OFFICE)],
    )
    return {name: Copied(number, password, unit, duty, tuple(r)) for name, number, password, unit, duty, r in rows}
