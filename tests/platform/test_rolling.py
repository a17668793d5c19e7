"""A new version while people work: the schema moves ahead of the old processes, old and new stand side by side."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from engine.casework import fsck
from engine.serve import migrations
from engine.serve.processes import free_port
from engine.store.session import make_engine, make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import FORM, groups
from tests.faults.running import until
from tests.platform.rolling import Office, Person, at_work, status

DIAGRAM = d.process(
    d.start(), d.user("visit", groups()), d.catch("rest", d.timer("PT1S")), d.end(),
    d.chain("start", "visit", "rest", "end"),
)  # fmt: skip
PEOPLE = 3
# The first migrations changed what no release had written yet.
FIRST_RELEASE = "0003"
LONGEST_END_S = 10

# What a following version would bring: columns and a table that today's code knows nothing of.
FOLLOWING = """
    ALTER TABLE task ADD COLUMN following text;
    ALTER TABLE job ADD COLUMN following bigint NOT NULL DEFAULT 0;
    ALTER TABLE process_instance ADD COLUMN following timestamptz;
    ALTER TABLE history ADD COLUMN following jsonb;
    CREATE TABLE following_thing (id bigint PRIMARY KEY, task_id bigint REFERENCES task (id));
    CREATE INDEX ix_task_following ON task (following);
    UPDATE alembic_version SET version_num = '9999';
"""


@pytest.fixture
def engine(committed_db: str) -> Iterator[Engine]:
    engine = make_engine(committed_db)
    yield engine
    engine.dispose()


@pytest.fixture
def office(tmp_path: Path, committed_db: str, built_assets: None) -> Iterator[Office]:
    office = Office(tmp_path, committed_db)
    yield office
    office.close()


@dataclass
class Visits:
    """Visits to be paid, one after another: `paid` has task -> instance."""

    engine: Engine
    paid: dict[int, int] = field(default_factory=dict)

    def begin(self) -> None:
        with unit_of_work(make_sessions(self.engine)) as session:
            for number in range(PEOPLE):
                factories.worker(session, f"tksk{number:02}", "tksk")
            factories.deploy(session, {"p/p.bpmn": DIAGRAM, "p/F.form": FORM})

    def __iter__(self) -> Iterator[int]:
        while True:
            with unit_of_work(make_sessions(self.engine)) as session:
                instance = factories.start(session, "p", {"number": "N1"}).id
                task = session.scalars(text("SELECT id FROM task WHERE instance_id = :id"), {"id": instance}).one()
            self.paid[task] = instance
            yield task


def web(office: Office, name: str, wanted: int) -> int:
    port = free_port("127.0.0.1", wanted)
    office.run(name, "web", PORT=str(port))
    until(lambda: status(port, "/readyz") == 200, 60)
    office.live.append(port)
    return port


def test_a_roll_out_under_load_loses_nothing(office: Office, engine: Engine) -> None:
    """Old processes, then the schema ahead of them, then new ones beside them, then the old ones end."""
    visits = Visits(engine)
    visits.begin()
    people = [Person(office, f"tksk{number:02}", iter(visits)) for number in range(PEOPLE)]

    def work_on(more: int = 6) -> None:
        wanted = sum(len(person.acknowledged) for person in people) + more
        until(lambda: sum(len(person.acknowledged) for person in people) >= wanted, 60)

    old = web(office, "old-web", 18500)
    office.run("old-worker", "worker")
    office.run("old-scheduler", "scheduler")
    with at_work(people):
        work_on()
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text(FOLLOWING))
        work_on()
        assert status(old, "/readyz") == 200, "what is newer only adds"
        web(office, "new-web", 18550)
        office.run("new-worker", "worker")
        office.run("new-scheduler", "scheduler")
        work_on()
        took = office.ask_to_end("old-scheduler", "old-worker", "old-web")
        office.live.remove(old)  # later than a balancer would: who is refused there repeats elsewhere
        work_on()
    assert took < LONGEST_END_S
    done = [task for person in people for task in person.acknowledged]
    assert [person.refused for person in people] == [[]] * PEOPLE
    until(lambda: completed(engine, [visits.paid[task] for task in done]) == len(done), 30)
    with engine.connect() as connection:
        twice = "SELECT count(*) FROM history WHERE kind = 'task.completed' AND task_id = ANY(:tasks)"
        assert connection.scalar(text(twice), {"tasks": done}) == len(done), "each once"
    with make_sessions(engine)() as session:
        assert fsck.check(session) == []


def test_a_web_process_is_ready_when_the_schema_has_come_to_it(office: Office, committed_db: str) -> None:
    """A new one that is started too early says so, is sent nobody, and needs no second start."""
    newest = migrations.heads()[0]
    migrations.migrate_back(committed_db, before(newest))
    port = free_port("127.0.0.1", 18600)
    office.run("web", "web", PORT=str(port))
    until(lambda: status(port, "/healthz") == 200, 60)
    assert status(port, "/readyz") == 503
    migrations.migrate(committed_db)
    assert status(port, "/readyz") == 200


def test_migrations_only_add_what_the_code_before_them_can_live_with(empty_db: str) -> None:
    """No column or table goes, none changes its type, and whoever knows nothing of a new column can leave it out."""
    migrations.migrate(empty_db, FIRST_RELEASE)
    engine = make_engine(empty_db)
    try:
        before_it = columns(engine)
        for revision in following(FIRST_RELEASE):
            migrations.migrate(empty_db, revision)
            after_it = columns(engine)
            lost = {name: kind for name, kind in before_it.items() if after_it.get(name, ("", True))[0] != kind[0]}
            assert lost == {}, revision
            tables = {table for table, _ in before_it}
            demanded = [
                name for name, (_, may_be_left_out) in after_it.items() if name[0] in tables and not may_be_left_out
            ]
            allowed = [name for name, (_, may_be_left_out) in before_it.items() if not may_be_left_out]
            assert sorted(set(demanded) - set(allowed)) == [], revision
            before_it = after_it
    finally:
        engine.dispose()


def columns(engine: Engine) -> dict[tuple[str, str], tuple[str, bool]]:
    """(table, column) -> its type, and whether a row may be written without it."""
    found = inspect(engine)
    return {
        (table, str(column["name"])): (
            str(column["type"]),
            bool(column["nullable"] or column["default"] is not None or column.get("identity")),
        )
        for table in found.get_table_names()
        for column in found.get_columns(table)
    }


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrations._config(""))


def before(revision: str) -> str:
    found = scripts().get_revision(revision)
    return str(found.down_revision)


def following(revision: str) -> list[str]:
    """The revisions behind one, in their order."""
    walked = [script.revision for script in scripts().walk_revisions(revision, "heads")]
    return [name for name in reversed(walked) if name != revision]


def completed(engine: Engine, instances: list[int]) -> int:
    query = "SELECT count(*) FROM process_instance WHERE id = ANY(:instances) AND state = 'completed'"
    with engine.connect() as connection:
        return int(connection.scalar(text(query), {"instances": instances}) or 0)
