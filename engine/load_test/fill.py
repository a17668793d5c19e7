"""Fills tables: people by COPY, cases by one statement for each table out of told cases, indexes built afterwards."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from psycopg import Connection, sql

from engine.load_test import people, places
from engine.load_test.shapes import OF_INSTANCE, TABLES, Shape, Shapes

FILLED = ("person", "household", "household_member", *TABLES)
REBUILDS_FROM = 5_000
"""From so many new cases on, and a fifth of what is there, indexes are dropped and built anew: several times faster."""
WHOLE = 50
"""One case in so many is complete; of the others, what only their own pages read is left out."""
_SLOTS = 1000

# What is written instead of what the told case has. `p` is the new case, `s` the told row.
_LATER = "s.{0} + p.later"
_COLUMNS: dict[str, dict[str, str]] = {
    "case": {
        "id": "p.case_id", "case_no": "p.case_no", "region_code": "p.kecamatan", "village_code": "p.village",
        "client_id": "p.person_id", "household_id": "p.household_id", "opened_by": "{worker}",
        "opened_at": _LATER, "closed_at": _LATER, "event_no": "NULL",
    },
    "process_instance": {
        "id": "p.instance_id", "case_id": "p.case_id", "business_key": "p.case_no", "region_code": "p.village",
        "started_at": _LATER, "ended_at": _LATER,
    },
    "task": {
        "id": "p.task_id + s.place", "instance_id": "p.instance_id", "case_id": "p.case_id", "region_code": "p.village",
        "due_at": _LATER, "follow_up_at": _LATER, "created_at": _LATER, "closed_at": _LATER, "closed_by": "{worker}",
        "claimed_at": "CASE WHEN s.state = 'open' AND p.is_taken THEN p.now ELSE s.claimed_at + p.later END",
        "assignee_id": "CASE WHEN s.state = 'open' THEN CASE WHEN p.is_taken THEN {taker} END ELSE {worker} END",
        "due_stage": "CASE WHEN s.state = 'open' AND s.due_at + p.later < p.now THEN 2 ELSE 0 END",
        "properties": "CASE WHEN p.is_whole OR s.state = 'open' THEN s.properties ELSE s.lean END",
    },
    "history": {
        "at": _LATER, "case_id": "p.case_id", "instance_id": "p.instance_id", "task_id": "p.task_id + s.place",
        "actor_id": "{worker}", "detail": "CASE WHEN p.is_whole THEN s.detail ELSE '{{}}' END",
    },
    "job": {
        "instance_id": "p.instance_id", "created_at": _LATER, "finished_at": _LATER,
        "due_at": "CASE WHEN s.state = 'ready' THEN greatest(s.due_at + p.later, p.soon) ELSE s.due_at + p.later END",
    },
    "subscription": {
        "instance_id": "p.instance_id", "created_at": _LATER,
        "correlation_key": "replace(s.correlation_key, s.told_no, p.case_no)",
    },
    "answer": {
        "case_id": "p.case_id", "instance_id": "p.instance_id", "task_id": "p.task_id + s.place",
        "sent_by": "{worker}", "sent_at": _LATER,
    },
    "consent": {"case_id": "p.case_id", "recorded_by": "{worker}", "recorded_at": _LATER},
    "referral": {"case_id": "p.case_id", "referral_no": "replace(s.referral_no, s.told_no, p.case_no)"},
    "outbox": {"case_id": "p.case_id", "instance_id": "p.instance_id", "effect_key": "md5(s.effect_key || p.case_id)"},
    "case_access": {"case_id": "p.case_id", "worker_id": "{worker}", "granted_by": "{worker}", "created_at": _LATER},
}  # fmt: skip
_WHOLE_ONLY = ("answer",)
_WORKER = "CASE WHEN s.{0} >= 0 THEN p.local + s.{0} ELSE p.office - s.{0} - 1 END"

_PLAN = """
CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT n AS number, s.told, s.told_no, n %% %(whole)s = 0 AS is_whole,
       n / %(places)s %% 2 = 0 AND n / %(places)s < 60 AS is_taken,
       q.code AS kecamatan, q.code || '.' || (2001 + n / %(places)s %% %(villages)s) AS village,
       q.local, q.office,
       q.code || '-2026-' || lpad((1 + n / %(places)s)::text, 6, '0') AS case_no,
       %(case)s + n - %(first)s AS case_id, %(instance)s + n - %(first)s AS instance_id,
       %(task)s + (n - %(first)s) * %(most_tasks)s AS task_id,
       %(person)s + n - %(first)s AS person_id, %(household)s + n - %(first)s AS household_id,
       %(now)s::timestamptz AS now,
       %(now)s::timestamptz + interval '1 hour' + random() * interval '60 days' AS soon,
       - random() * CASE WHEN s.is_closed THEN interval '1500 days' ELSE interval '12 days' END AS later
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
JOIN place q ON q.number = n %% %(places)s
CROSS JOIN LATERAL (SELECT n / %(places)s + n %% %(places)s AS turn) t
JOIN slot s ON s.is_closed = (floor((t.turn + 1) * %(share)s::float8) = floor(t.turn * %(share)s::float8))
           AND s.slot = (hashint8extended(n, 1) & 1048575) %% %(slots)s
"""


def fill(connection: Connection, shapes: Shapes, first: int, last: int, *, share: float, seed: int) -> None:
    """Add the cases number `first` to `last`, `share` of them running, in the connection's transaction."""
    now = datetime.now(UTC)
    connection.execute("SELECT setseed(%s)", [seed % 1000 / 1000])
    ids = _beginnings(connection)
    _prepare(connection, shapes)
    most_tasks = max(shape.tasks for shape in shapes.all) + 1
    values = {
        **ids, "now": now, "first": first, "last": last, "share": share, "most_tasks": most_tasks, "whole": WHOLE,
        "places": len(places.kecamatan()), "villages": places.VILLAGES, "slots": _SLOTS,
    }  # fmt: skip
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
    connection.execute(_PLAN, values)
    with _without_indexes(connection, FILLED, last - first >= max(REBUILDS_FROM, first / 5)):
        _people(connection, ids, first, last, seed, now)
        for table in ("task", "case"):
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        for table in TABLES:
            connection.execute(_statement(connection, table))
        for table in ("task", "case"):
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
        connection.execute(
            'UPDATE person SET restricted = true FROM "case" c JOIN plan p ON p.case_id = c.id'
            " WHERE c.restricted AND person.id = c.client_id"
        )
    _end(connection, values)


def _beginnings(connection: Connection) -> dict[str, int]:
    """The first free number of each table whose numbers are ours to choose."""
    found = {}
    for name, table in (("case", "case"), ("instance", "process_instance"), ("task", "task"), ("person", "person"),
                        ("household", "household")):  # fmt: skip
        row = connection.execute(
            sql.SQL("SELECT coalesce(max(id), 0) + 1 FROM {}").format(sql.Identifier(table))
        ).fetchone()
        found[name] = int(row[0]) if row else 1
    return found


def _prepare(connection: Connection, shapes: Shapes) -> None:
    """Told rows, where cases happen, and which told case comes how often, as temporary tables."""
    for table in TABLES:
        name = sql.Identifier(f"told_{table}")
        connection.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(name, sql.Identifier(table)))
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
            copy.write(shapes.rows[table])
    for statement in _TELLING.split(";"):
        connection.execute(statement)
    _workers(connection)
    with connection.cursor().copy("COPY weight (told, is_closed, slot) FROM STDIN") as copy:
        for is_closed in (False, True):
            for slot, shape in enumerate(_slots([one for one in shapes.all if one.is_closed == is_closed])):
                copy.write_row((shape.number, is_closed, slot))
    connection.execute(
        "CREATE TEMP TABLE slot ON COMMIT DROP AS SELECT w.*, n.told_no FROM weight w JOIN told_no n ON n.id = w.told"
    )
    connection.execute("ANALYZE slot")


_TELLING = """
ALTER TABLE told_task ADD place bigint, ADD taker bigint, ADD lean jsonb;
UPDATE told_task t SET place = n.place, lean = CASE WHEN t.properties ? 'fourEyes'
  THEN jsonb_build_object('fourEyes', t.properties -> 'fourEyes') ELSE '{}' END
  FROM (SELECT id, row_number() OVER (PARTITION BY case_id ORDER BY id) AS place FROM told_task) n WHERE n.id = t.id;
UPDATE told_task SET taker = (SELECT w.id FROM worker w WHERE w.username = CASE
  WHEN candidate_groups && '{tksk}' THEN 'tksk01' WHEN candidate_groups && '{peksos}' THEN 'peksos01'
  WHEN candidate_groups && '{bo}' THEN 'bo01' WHEN candidate_groups && '{kadis}' THEN 'kd01'
  ELSE 'kb_' || split_part(candidate_groups[1], ':', 2) END);
ALTER TABLE told_history ADD place bigint;
UPDATE told_history h SET place = t.place FROM told_task t WHERE t.id = h.task_id;
ALTER TABLE told_answer ADD place bigint;
UPDATE told_answer a SET place = t.place FROM told_task t WHERE t.id = a.task_id;
CREATE TEMP TABLE told_no ON COMMIT DROP AS SELECT id, case_no AS told_no FROM told_case;
CREATE TEMP TABLE weight (told bigint, is_closed boolean, slot bigint) ON COMMIT DROP;
CREATE TEMP TABLE post (demo bigint, code bigint) ON COMMIT DROP"""


def _slots(shapes: Sequence[Shape]) -> Iterator[Shape]:
    """_SLOTS places, given to the shapes by weight, mixed the same way each time."""
    chosen = random.Random(1).choices(shapes, [one.weight for one in shapes], k=_SLOTS)  # noqa: S311 - nothing secret
    yield from chosen


def _workers(connection: Connection) -> None:
    """Who of the demo's office did something becomes a place in the list of a kecamatan's or a kabupaten's workers."""
    locals_ = [name for name, is_local in places.OFFICE.items() if is_local]
    offices = [name for name, is_local in places.OFFICE.items() if not is_local]
    codes = {name: n for n, name in enumerate(locals_)} | {name: -n - 1 for n, name in enumerate(offices)}
    connection.execute(
        "INSERT INTO post SELECT w.id, c.code FROM worker w"
        " JOIN unnest(%s::text[], %s::bigint[]) AS c(name, code) ON c.name = w.username",
        [list(codes), list(codes.values())],
    )
    for table, columns in _worker_columns().items():
        for column in columns:
            connection.execute(
                sql.SQL("UPDATE {table} SET {column} = (SELECT code FROM post WHERE demo = {column})").format(
                    table=sql.Identifier(f"told_{table}"), column=sql.Identifier(column)
                )
            )
    connection.execute(
        "CREATE TEMP TABLE place ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY code) - 1 AS number, code,"
        " (SELECT min(worker_id) FROM worker_region WHERE region_code = code) AS local,"
        " (SELECT min(worker_id) FROM worker_region WHERE region_code = left(code, 5)) AS office"
        " FROM unnest(%s::text[]) AS code",
        [places.kecamatan()],
    )


def _worker_columns() -> dict[str, list[str]]:
    found = {
        table: [name for name, text in columns.items() if "{worker}" in text] for table, columns in _COLUMNS.items()
    }
    found["task"].append("taker")
    return found


_OF_CASE = """plan p JOIN (SELECT t.*, n.told_no FROM {told} t JOIN told_no n ON n.id = t.case_id) s
  ON s.case_id = p.told {only}"""
_OF_INSTANCE = """plan p JOIN (SELECT t.*, i.case_id AS told, n.told_no FROM {told} t JOIN told_process_instance i
  ON i.id = t.instance_id JOIN told_no n ON n.id = i.case_id) s ON s.told = p.told {only}"""
_SOURCES = {"case": "plan p JOIN {told} s ON s.id = p.told {only}"} | dict.fromkeys(OF_INSTANCE, _OF_INSTANCE)


def _statement(connection: Connection, table: str) -> sql.Composed:
    """One INSERT for all new rows of a table."""
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = ''",
        [f'"{table}"'],
    ).fetchall()
    ours = _COLUMNS[table]
    names = [name for (name,) in rows if name != "id" or "id" in ours]
    values = [_value(ours.get(name, "s.{0}"), name) for name in names]
    source = sql.SQL(_SOURCES.get(table, _OF_CASE)).format(
        told=sql.Identifier(f"told_{table}"), only=sql.SQL("AND p.is_whole" if table in _WHOLE_ONLY else "")
    )
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(values),
        source,
    )


def _value(text: str, name: str) -> sql.SQL:
    return sql.SQL(text.format(f'"{name}"', worker=_WORKER.format(name), taker=_WORKER.format("taker")))


def _people(connection: Connection, ids: dict[str, int], first: int, last: int, seed: int, at: datetime) -> None:
    """A client with a household for each case."""
    rows = connection.execute("SELECT village FROM plan ORDER BY number").fetchall()
    villages = [village for (village,) in rows]
    cursor = connection.cursor()
    with cursor.copy(f"COPY person ({people.PERSON_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(people.PERSON_TYPES)
        for number, who, village in people.everybody(first, villages, seed):
            copy.write_row(people.person_row(ids["person"] + number - first, who, village, at))
    with cursor.copy(f"COPY household ({people.HOUSEHOLD_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(people.HOUSEHOLD_TYPES)
        for number, village in enumerate(villages, ids["household"]):
            copy.write_row(people.household_row(number, village, at))
    cursor.execute(
        "INSERT INTO household_member (household_id, person_id, relation)"
        " SELECT household_id, person_id, 'head' FROM plan"
    )


@contextmanager
def _without_indexes(connection: Connection, tables: Sequence[str], rebuilds: bool) -> Iterator[None]:
    """Without indexes and constraints in the block; made again behind it, in the same transaction."""
    if not rebuilds:
        yield
        return
    constraints = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype = 'f',"
        "   EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = conrelid) FROM pg_constraint"
        " WHERE conparentid = 0 AND contype IN ('p', 'u', 'f') AND (conrelid = ANY(%(all)s::text[]::regclass[])"
        "   OR confrelid = ANY(%(all)s::text[]::regclass[])) ORDER BY contype <> 'f'",
        {"all": [f'"{name}"' for name in tables]},
    ).fetchall()
    indexes = connection.execute(
        "SELECT i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')"
        " FROM pg_index i"
        " WHERE i.indrelid = ANY(%s::text[]::regclass[])"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))",
        [[f'"{name}"' for name in tables]],
    ).fetchall()
    for table, name, *_ in constraints:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.SQL(table), sql.Identifier(name)))
    for name, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    yield
    for table, name, text, is_foreign, has_parts in sorted(constraints, key=lambda row: row[3]):
        statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}{}")
        # The rows were made out of each other: that foreign keys hold need not be looked up a million times.
        unchecked = sql.SQL(" NOT VALID" if is_foreign and not has_parts else "")
        connection.execute(
            statement.format(sql.SQL(table), sql.Identifier(name), sql.SQL(text.removesuffix(" NOT VALID")), unchecked)
        )
    for _, text in indexes:
        connection.execute(sql.SQL(text))


def _end(connection: Connection, values: dict[str, object]) -> None:
    """Numbers given out later begin behind ours; counts are taken anew, for nothing was noted meanwhile."""
    for table in ("case", "process_instance", "task", "person", "household"):
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(
                sql.Literal(f'"{table}"'), sql.Identifier(table)
            )
        )
    connection.execute(
        "INSERT INTO case_counter (region_code, year, last) SELECT code, 2026, 1 + %(last)s / %(places)s FROM place"
        " ON CONFLICT (region_code, year) DO UPDATE SET last = EXCLUDED.last",
        values,
    )
    connection.execute("SELECT recount()")
