"""`pilar migrate-instances`: move running instances to another version of their family, or take a run back."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TextIO

import click
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.bpmn.upgrade import Change
from engine.casework import migration, migration_plan
from engine.casework.migration import Move, Route
from engine.casework.step import StaleInstance
from engine.cli.context import plain_errors, settings_for
from engine.errors import Conflict, NotFound
from engine.serve.startup import opened_store
from engine.store.instance_migrations import Outcome
from engine.store.session import Sessions, unit_of_work
from engine.store.workers import by_username

PASSES = 3
BATCH = 500
MOST_NAMED = 5
MENDS = {
    "element_missing": "the new version does not have it: name it under `rename` or `remove`",
    "kind_changed": "it is of another kind there",
    "scope_changed": "it lies in another subprocess there",
    "host_changed": "it is attached to another activity there: name it under `remove`",
    "called_changed": "another process is called there: name it under `processes`",
    "process_missing": "the new version does not have this process: name it under `processes`",
    "flow_missing": "the flow that a token came by is gone: name it under `rename`",
    "loop_changed": "its collection or its item is called otherwise there",
    "compensation_lost": "it was done and could be undone; there it cannot",
    "nothing_left": "nothing would wait there any more",
    "unfinished": "it is in the middle of a step: try again",
    "would_stop": "it would stop there with an incident",
    "would_end": "the instance would end",
    "cannot_evaluate": "what is new there cannot be evaluated",
    "four_eyes_lost": "an approval that waits would no longer ask for a second pair of eyes",
    "four_eyes_broken": "who has taken it worked on the case: have it released first",
    "finished_work_removed": "work was done on it and an approval follows: name it under `rename` or `remove`",
    "job_running": "its job is being done: try again",
}


@dataclass(slots=True)
class Result:
    """What became of each instance; `busy` are those that other work held again and again."""

    moves: list[Move] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)


@click.command("migrate-instances")
@click.option("--family", help="The family of processes, such as case.")
@click.option("--from", "old", type=int, help="The version that the instances run on.")
@click.option("--to", "new", type=int, help="The version to move them to.")
@click.option("--plan", type=click.File(encoding="utf-8"), help="A YAML file with rename, remove and processes.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--most", type=click.IntRange(1), help="Look at no more than this many, to see how they do.")
@click.option("--take-back", "run_id", type=int, help="Put back the instances of this run that did no step since.")
@click.option("--by", "username", required=True, help="The operator who answers for it.")
@click.option("--reason", default="", help="Why; kept in the history of each instance.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of each instance as JSON.")
@plain_errors
def migrate_instances(  # noqa: PLR0913 - one for each option
    *,
    family: str | None,
    old: int | None,
    new: int | None,
    plan: TextIO | None,
    dry_run: bool,
    most: int | None,
    run_id: int | None,
    username: str,
    reason: str,
    as_json: bool,
) -> None:
    """Move running instances to another version, each in a transaction of its own.

    Stopped half-way it goes on with the same command. What is in the way is named; such instances stay where they are.
    """
    with opened_store(settings_for("cli"), "cli") as sessions:
        with sessions() as session:
            actor = _operator(session, username)
        if run_id is not None:
            _take_back(sessions, actor, run_id, reason)
            return
        if family is None or old is None or new is None:
            raise click.UsageError("Say --family, --from and --to, or --take-back.")
        with sessions() as session:
            way = migration.route(session, actor, family, old, new, migration_plan.read(plan.read() if plan else ""))
        result = _look(sessions, actor, way, most) if dry_run else _migrate(sessions, actor, way, reason, most)
        (_print_json if as_json else _print)(result, way, dry_run)


def _operator(session: Session, username: str) -> Actor:
    worker = by_username(session, username)
    if worker is None or not worker.is_active:
        raise NotFound(f"There is no worker {username}; `pilar user list` shows all.")
    return worker.actor()


def _ids(sessions: Sessions, way: Route, most: int | None) -> Iterator[int]:
    """The instances of the old version, in batches: there may be very many."""
    last, left = 0, sys.maxsize if most is None else most
    while left > 0:
        with sessions() as session:
            found = migration.to_move(session, way, last, min(left, BATCH))
        if not found:
            return
        yield from found
        last, left = found[-1], left - len(found)


def _look(sessions: Sessions, actor: Actor, way: Route, most: int | None) -> Result:
    def look(session: Session, instance_id: int) -> Move:
        return migration.look(session, actor, way, instance_id)

    return _each(sessions, _ids(sessions, way, most), look)


def _migrate(sessions: Sessions, actor: Actor, way: Route, reason: str, most: int | None) -> Result:
    with unit_of_work(sessions) as session:
        run_id = migration.begin(session, actor, way, reason).id
    click.echo(f"Run {run_id}.", err=True)

    def migrate(session: Session, instance_id: int) -> Move:
        return migration.migrate(session, actor, run_id, instance_id)

    result = _each(sessions, _ids(sessions, way, most), migrate)
    for _ in range(PASSES - 1):
        again = _each(sessions, iter(result.busy), migrate)
        result.moves, result.busy = [*result.moves, *again.moves], again.busy
    if most is None and not result.busy:
        with unit_of_work(sessions) as session:
            migration.finish(session, actor, run_id)
    return result


def _each(sessions: Sessions, ids: Iterator[int], act: Callable[[Session, int], Move]) -> Result:
    """One transaction each; an instance that ended or moved meanwhile is passed over."""
    result = Result()
    for instance_id in ids:
        try:
            with unit_of_work(sessions) as session:
                result.moves.append(act(session, instance_id))
        except StaleInstance:
            result.busy.append(instance_id)
        except Conflict:
            continue
    return result


def _take_back(sessions: Sessions, actor: Actor, run_id: int, reason: str) -> None:
    with sessions() as session:
        ids = migration.moved_in(session, run_id)
    refused = []
    for instance_id in ids:
        try:
            with unit_of_work(sessions) as session:
                migration.take_back(session, actor, run_id, instance_id, reason)
        except Conflict as error:
            refused.append(f"  {error} [{error.code}]")
    click.echo(f"Run {run_id}: {len(ids) - len(refused)} instances taken back, {len(refused)} not.")
    for line in refused:
        click.echo(line)


# -- what is said -----------------------------------------------------------------------------------------------------


def _print_json(result: Result, way: Route, dry_run: bool) -> None:
    said = {"family": way.old.family, "from": way.old.number, "to": way.new.number, "dry_run": dry_run}
    click.echo(json.dumps({**said, "instances": list(map(asdict, result.moves)), "busy": result.busy}, indent=2))


def _print(result: Result, way: Route, dry_run: bool) -> None:
    can = [move for move in result.moves if move.outcome is Outcome.MIGRATED]
    cannot = [move for move in result.moves if move.outcome is Outcome.IN_THE_WAY]
    click.echo(f"{way.old.family} {way.old.number} to {way.new.number}: {len(result.moves)} instances")
    click.echo(f"{len(can)} {'can be moved' if dry_run else 'were moved'}")
    for (kind, place, to), count in sorted(Counter(_said(change) for move in can for change in move.changes).items()):
        click.echo(f"  {count:>6}  {kind:<10} {place}{f' ({to})' if to else ''}")
    click.echo(f"{len(cannot)} {'cannot be moved' if dry_run else 'were not moved'}")
    for text, keys in sorted(_by_obstacle(cannot).items()):
        more = "" if len(keys) <= MOST_NAMED else f" and {len(keys) - MOST_NAMED} more"
        click.echo(f"  {text}\n          {', '.join(keys[:MOST_NAMED])}{more}")
    if result.busy:
        click.echo(f"{len(result.busy)} were busy all the time: the same command goes on with them.")
    if dry_run:
        click.echo("Nothing was changed.")


def _said(change: Change) -> tuple[str, str, str]:
    return change.kind, f"{change.process_id}/{change.element_id}", change.to


def _by_obstacle(moves: list[Move]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for move in moves:
        for obstacle in move.obstacles:
            mend = MENDS.get(obstacle.code, "")
            found.setdefault(f"{migration.said(obstacle)}: {mend}", []).append(move.business_key)
    return found
