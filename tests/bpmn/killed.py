"""The matrix with the process killed between any two steps: before its commit, and after it.

A row of PostgreSQL holds each instance. A child process reads all of them, moves each by one element, and dies by
SIGKILL: first with its transaction open, then, after another child has done the same again, right after the commit. So
every step of every case is lost once and taken once, and no process lives for two steps.

`python -m tests.bpmn.killed URL` runs it and prints how many children died, and what came out different.
"""

import os
import signal
import sys
from dataclasses import replace
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from engine.bpmn import Definition, Instance
from tests.bpmn.cases import Case
from tests.bpmn.matrix import MATRIX, files_of
from tests.bpmn.walk import RUNTIME, Walk

ONE_STEP = replace(RUNTIME, max_steps=1)
TABLE = """CREATE TABLE matrix (
    name text PRIMARY KEY, state bytea, deed int DEFAULT 0, unfinished bool, now timestamptz, waits jsonb DEFAULT '[]',
    trace jsonb DEFAULT '[]', incidents jsonb DEFAULT '[]', ended text, over bool DEFAULT false)"""

STILL = "SELECT name, md5(state), deed FROM matrix WHERE NOT over ORDER BY name"


class OneStep(Walk):
    """A walk that stops after each element; whoever comes next goes on."""

    def note(self, advance: Any) -> None:
        self._record(advance)

    def _budget(self) -> Any:
        return replace(self.runtime, max_steps=1)


def wake(case: Case, row: dict[str, Any]) -> OneStep:
    """The instance as the row has it, in this process for the first time."""
    definition = Definition.compile(files_of(case))
    instance = Instance.load(definition, row["state"])
    walk = OneStep(definition, instance, reload=False, runtime=replace(RUNTIME, now=row["now"]))
    open_now = {wait.id: wait for wait in instance.waits()}
    walk.waits = {id_: open_now[id_] for id_ in row["waits"]}
    return walk


def begin(case: Case) -> OneStep:
    definition = Definition.compile(files_of(case))
    instance, advance = Instance.start(definition, "p", case.given, ONE_STEP, case.message, case.event)
    walk = OneStep(definition, instance, reload=False)
    walk.note(advance)
    return walk


def step(case: Case, row: dict[str, Any]) -> dict[str, Any]:
    """What the row is after one more step."""
    from tests.bpmn.test_matrix import do

    deed = row["deed"]
    if row["state"] is None:
        walk = begin(case)
    else:
        walk = wake(case, row)
        if row["unfinished"]:
            walk.note(walk.instance.proceed(walk._budget()))
        else:
            do(walk, case.deeds[deed])
            deed += 1
    unfinished = walk.advances[-1].unfinished
    return {
        "name": case.name, "state": walk.instance.dump(), "deed": deed, "unfinished": unfinished,
        "now": walk.runtime.now, "waits": Jsonb(list(walk.waits)), "trace": Jsonb(row["trace"] + walk.trace),
        "incidents": Jsonb(row["incidents"] + [list(one) for one in walk.incidents]),
        "ended": walk.ended or row["ended"], "over": not unfinished and deed == len(case.deeds),
    }  # fmt: skip


def live_and_die(url: str, *, commit: bool) -> None:
    """One child's life: one step of every case that is not over. Never returns."""
    by_name = {case.name: case for case in MATRIX}
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        rows = connection.execute("SELECT * FROM matrix WHERE NOT over").fetchall()
        after = [step(by_name[row["name"]], row) for row in rows]
        with connection.cursor() as cursor:
            cursor.executemany(
                """UPDATE matrix SET state = %(state)s, deed = %(deed)s, unfinished = %(unfinished)s, now = %(now)s,
                   waits = %(waits)s, trace = %(trace)s, incidents = %(incidents)s, ended = %(ended)s, over = %(over)s
                   WHERE name = %(name)s""",
                after,
            )
        if commit:
            connection.commit()
        os.kill(os.getpid(), signal.SIGKILL)


def child(url: str, *, commit: bool) -> None:
    """Fork one and see it die as it should."""
    pid = os.fork()
    if pid == 0:
        try:
            live_and_die(url, commit=commit)
        finally:
            os._exit(1)  # only when it did not die: what went wrong is on stderr
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        raise SystemExit("A child ended by itself.")


def different(row: dict[str, Any], case: Case) -> list[str]:
    """What came out otherwise than it should."""
    found = {
        "trace": (" ".join(row["trace"]), case.trace),
        "ended": (row["ended"], case.ended),
        "incidents": ([tuple(one) for one in row["incidents"]], case.incidents),
    }
    if case.variables is not None:
        instance = Instance.load(Definition.compile(files_of(case)), row["state"])
        found["variables"] = (Walk(instance.definition, instance, reload=False).variables, case.variables)
    return [f"{case.name}: {what}: {is_} instead of {should}" for what, (is_, should) in found.items() if is_ != should]


def run(url: str) -> tuple[int, list[str]]:
    """All cases to their ends; how many processes died for it, and what is different."""
    with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute(TABLE)
        for case in MATRIX:
            connection.execute("INSERT INTO matrix (name) VALUES (%s)", [case.name])
        died = 0
        while before := connection.execute(STILL).fetchall():
            child(url, commit=False)
            if connection.execute(STILL).fetchall() != before:
                raise SystemExit("Something stayed of a transaction that was never committed.")
            child(url, commit=True)
            died += 2
        rows = {row["name"]: row for row in connection.execute("SELECT * FROM matrix").fetchall()}
    return died, [one for case in MATRIX for one in different(rows[case.name], case)]


if __name__ == "__main__":
    number, wrong = run(sys.argv[1])
    print(f"{len(MATRIX)} cases, {number} processes killed, {len(wrong)} differences")
    print("\n".join(wrong))
    raise SystemExit(bool(wrong))
