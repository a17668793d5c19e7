"""A new version while people work: the schema moves ahead of the old processes, old and new stand side by side."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from engine.serve import migrations
from engine.serve.processes import free_port
from engine.serve.progress import StepFailed
from engine.store.session import make_engine
from tests.faults.rig import long_only
from tests.faults.running import slowness, until
from tests.platform.rolling import PEOPLE, Office, Person, Visits, at_work, check, status, work_on

# The first migrations changed what no release had written yet.
FIRST_RELEASE = "0003"

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
def office(tmp_path: Path, committed_db: str, built_assets: None) -> Iterator[Office]:
    office = Office(tmp_path, committed_db)
    yield office
    office.close()


def move_ahead(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(text(FOLLOWING))


def signs(engine: Engine) -> int:
    """How many workers and schedulers have said that they live: none of them is still beginning."""
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM process_sign")).scalar_one())


@pytest.mark.faults
@long_only
def test_a_roll_out_under_load_loses_nothing(office: Office, engine: Engine) -> None:
    """Old processes, then the schema ahead of them, then new ones beside them, then the old ones end."""
    visits = Visits(engine)
    visits.begin()
    people = [Person(office, f"tksk{number:02}", iter(visits)) for number in range(PEOPLE)]

    old = office.run_web("old-web", 18500)
    office.run("old-worker", "worker")
    office.run("old-scheduler", "scheduler")
    with at_work(people):
        work_on(people)
        until(lambda: signs(engine) == 2, 60 * slowness())
        migrations.patiently(lambda: move_ahead(engine))
        work_on(people)
        assert status(old, "/readyz") == 200, "what is newer only adds"
        office.run_web("new-web", 18550)
        office.run("new-worker", "worker")
        office.run("new-scheduler", "scheduler")
        until(lambda: signs(engine) == 4, 60 * slowness())
        work_on(people)
        office.ask_to_end("old-scheduler", "old-worker", "old-web")
        office.live.remove(old)  # later than a balancer would: who is refused there repeats elsewhere
        work_on(people)
    check(people, visits)


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


def test_a_migration_waits_for_whoever_is_at_work(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves everything as it was if it gets no lock however often it tries."""
    tries = 0

    def change() -> None:
        nonlocal tries
        tries += 1
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '20ms'"))
            connection.execute(text("ALTER TABLE task ADD COLUMN following text"))

    with engine.connect() as other:
        other.execute(text("SELECT id FROM task"))
        monkeypatch.setattr(migrations, "MOST_TRIES", 2)
        with pytest.raises(StepFailed, match="fewer people"):
            migrations.patiently(change)
    assert tries == 2
    migrations.patiently(change)
    assert ("task", "following") in columns(engine)


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
