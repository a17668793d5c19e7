"""The steps of a story, each by its word: the command that a person, an agency or the clock would give."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine import clock
from engine.actors import Actor
from engine.bpmn.timers import add_duration
from engine.casework import cases, definitions, instances, messages, rules, tasks, work
from engine.casework.instances import Beginning
from engine.casework.rules import office_rules
from engine.errors import EngineError, NotFound
from engine.service_tasks import OPERATIONS
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job, JobState
from engine.store.messages import Subscription
from engine.store.tasks import Task
from engine.stories.script import Step, StoryError, moment
from engine.stories.stage import Stage

OPERATOR = "operator01"
VILLAGE = "99.01.01.2001"


def do_register(stage: Stage, step: Step) -> None:
    """Register a report; the subject is the case's alias."""
    actor, form = stage.actor(step.more), cases.register_form(stage.session)
    answers = stage.typed(form, step.more, actor, None)
    stage.cases[str(step.subject)] = cases.register(stage.session, actor, answers).case_id


def do_start(stage: Stage, step: Step) -> None:
    """Start a process that belongs to no case."""
    about = Beginning(str(step.more.get("village", VILLAGE)), told_id(stage, step))
    actor = stage.actor(step.more, OPERATOR)
    instances.start(stage.session, actor, str(step.subject), stage.facts(step), about)


def told_id(stage: Stage, step: Step) -> str:
    """Names a step of this telling: a story that is told again sends other messages."""
    return f"{stage.story.name}-{stage.first_instance}-{step.number}"


def do_message(stage: Stage, step: Step) -> None:
    """An agency replies to what an instance waits for, or its report starts a process."""
    name, key, actor = str(step.subject), step.more.get("key"), stage.actor(step.more, OPERATOR)
    found = waiting(stage, name, key, stage.case_id(step.more))
    facts, message_id = stage.facts(step), told_id(stage, step)
    if found is not None:
        messages.reply(stage.session, actor, found.id, facts, message_id)
        return
    facts.setdefault("village_code", str(step.more.get("village", VILLAGE)))
    begun = messages.receive(stage.session, actor, name, str(key or name), facts, source="story", message_id=message_id)
    if begun.instance_id is None:
        raise StoryError(f"Nothing waits for the message {name}, and no process starts with it.")


def waiting(stage: Stage, name: str, key: Any, case_id: int | None) -> Subscription | None:
    """The subscription of the story's instances that has waited longest for the message."""
    query = select(Subscription).where(Subscription.name == name, Subscription.instance_id > stage.first_instance)
    if key is not None:
        query = query.where(Subscription.correlation_key == str(key))
    if case_id is not None:
        query = query.where(Subscription.instance_id.in_([row.id for row in stage.instances(case_id)]))
    return stage.session.scalar(query.order_by(Subscription.id).limit(1))


def do_task(stage: Stage, step: Step) -> None:
    """Do an open task."""
    task, actor = stage.task(step), stage.actor(step.more)
    complete(stage, task, actor, step)


def complete(stage: Stage, task: Task, actor: Actor, step: Step) -> None:
    """Send a task's form; the files it names are made on the way."""
    form = None
    if task.form_id is not None:
        definition_id = stage.session.get_one(ProcessInstance, task.instance_id).definition_id
        form = definitions.form(stage.session, definition_id, task.form_id)
    tasks.complete(stage.session, actor, task.id, stage.typed(form, step.more, actor, task))


def do_claim(stage: Stage, step: Step) -> None:
    """Take a task."""
    tasks.claim(stage.session, stage.actor(step.more), stage.task(step).id)


def do_release(stage: Stage, step: Step) -> None:
    """Give a task back."""
    tasks.release(stage.session, stage.actor(step.more), stage.task(step).id)


def do_event(stage: Stage, step: Step) -> None:
    """A worker reports from the case's page that something happened."""
    case_id = stage.case_id(step.more) or stage.first_case()
    cases.report_event(
        stage.session, stage.actor(step.more), case_id, str(step.subject), stage.facts(step), told_id(stage, step)
    )


def do_refuse(stage: Stage, step: Step) -> None:
    """Doing a task must fail with the code that the step tells."""
    task, actor = stage.task(step), stage.actor(step.more)
    try:
        with stage.session.begin_nested():
            if step.more.get("claim"):
                tasks.claim(stage.session, actor, task.id)
            else:
                complete(stage, task, actor, step)
    except EngineError as error:
        if error.code != step.more.get("because"):
            raise StoryError(f"{step.subject} was refused because of {error.code}: {error}") from error
        return
    raise StoryError(f"{step.subject} was not refused.")


def do_hidden(stage: Stage, step: Step) -> None:
    """The workers named do not see the case."""
    case_id = stage.case_id(step.more) or stage.first_case()
    for name in step.subject:
        try:
            cases.find(stage.session, stage.actor({"by": name}), case_id)
        except NotFound:
            continue
        raise StoryError(f"{name} sees the case.")


def do_expect(stage: Stage, step: Step) -> None:
    """Nothing happens; expectations are checked after every step."""


def do_wait(stage: Stage, step: Step) -> None:
    """Time passes: an ISO 8601 duration, or working days such as WD3."""
    office = office_rules(stage.session)
    pass_time(stage, add_duration(stage.now, str(step.subject), office.zone, office.functions()["deadline"]))


def do_until(stage: Stage, step: Step) -> None:
    """Time passes up to a moment."""
    pass_time(stage, moment(step.subject, "until"))


def pass_time(stage: Stage, later: datetime) -> None:
    """Let everything run at the time it is due, in order."""
    if later < stage.now:
        raise StoryError(f"{later.isoformat()} has passed already.")
    while (due := next_due(stage)) is not None and due <= later:
        stage.now = max(stage.now, due)
        with clock.travel(stage.now):
            rules.forget(stage.session)
            work.run_due(stage.session, OPERATIONS)
    stage.now = later
    rules.forget(stage.session)


def next_due(stage: Stage) -> datetime | None:
    """When the next job of the story's instances is due."""
    query = select(func.min(Job.due_at)).where(Job.state == JobState.READY, Job.instance_id > stage.first_instance)
    return stage.session.scalar(query)


DEEDS: Mapping[str, Callable[[Stage, Step], None]] = {
    "register": do_register,
    "start": do_start,
    "message": do_message,
    "task": do_task,
    "claim": do_claim,
    "release": do_release,
    "event": do_event,
    "refuse": do_refuse,
    "hidden": do_hidden,
    "expect": do_expect,
    "wait": do_wait,
    "until": do_until,
}
