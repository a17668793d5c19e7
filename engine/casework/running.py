"""An instance that runs: read with its rows, and woken in memory."""

import time
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Text, bindparam, func, select
from sqlalchemy.orm import Session, load_only

from engine.bpmn import Definition as Compiled
from engine.bpmn import Instance
from engine.casework import definitions
from engine.errors import Conflict, InvalidState, NotFound
from engine.store import incidents
from engine.store.cases import Case, CaseRow
from engine.store.definitions import Definition
from engine.store.instances import InstanceRow, InstanceState, ProcessInstance

KEPT = "pilar.kept_instances"
"""Under this key a session may hold a dict that keeps instances in memory between steps: stories told straight."""


@dataclass(slots=True)
class Loaded:
    """An instance in memory with its rows, as read."""

    row: ProcessInstance | InstanceRow
    case: Case | CaseRow | None
    definition_id: int
    sha256: str
    compiled: Compiled
    instance: Instance
    read_rev: int
    began: float = field(default_factory=time.perf_counter)


# A step reads only what it needs: half of what reading costs is paid per column.
NEEDED = (
    load_only(
        ProcessInstance.definition_id,
        ProcessInstance.process_id,
        ProcessInstance.case_id,
        ProcessInstance.region_code,
        ProcessInstance.state,
        ProcessInstance.rev,
        ProcessInstance.body,
        ProcessInstance.base,
    ),
    load_only(
        Case.region_code,
        Case.village_code,
        Case.client_id,
        Case.household_id,
        Case.status,
        Case.priority,
        Case.restricted,
        Case.pmks_codes,
    ),
)
_READ = (
    select(ProcessInstance, Case, Definition.sha256)
    .join(Definition, Definition.id == ProcessInstance.definition_id)
    .outerjoin(Case, Case.id == ProcessInstance.case_id)
    .where(ProcessInstance.id == bindparam("instance_id", type_=BigInteger))
    .options(*NEEDED)
    .execution_options(populate_existing=True)
)

_HOLD = _READ.add_columns(
    func.set_config("idle_in_transaction_session_timeout", bindparam("longest", type_=Text), True)
).with_for_update(of=ProcessInstance, key_share=True)


def load(session: Session, instance_id: int) -> Loaded:
    """Read an instance that runs. Raises NotFound, or Conflict if it has ended or is suspended."""
    found = session.execute(_READ, {"instance_id": instance_id}).first()
    if found is None:
        raise NotFound(f"No process instance {instance_id}.")
    return wake(session, *found)


def hold(session: Session, instance_id: int, longest: str) -> tuple[ProcessInstance, Case | None, str]:
    """The rows of an instance, for `wake`, held until the end of the transaction: jobs are marked done behind it.

    From here on nothing is waited for: a process that is frozen now loses its hold after `longest` (as in "15s").
    """
    values = {"instance_id": instance_id, "longest": longest}
    row, case, sha256, _ = session.execute(_HOLD, values).one()
    return row, case, sha256


def wake(session: Session, row: ProcessInstance | InstanceRow, case: Case | CaseRow | None, sha256: str) -> Loaded:
    """The instance behind rows that were read. Raises Conflict if it has ended or is suspended, InvalidState.

    What cannot be read becomes an incident; whoever answers InvalidState to a person commits it.
    """
    if row.state != InstanceState.ACTIVE or row.body is None:
        raise Conflict(f"Process instance {row.id} is {row.state}.")
    compiled = definitions.compiled(session, row.definition_id, sha256)
    kept_rev, kept = session.info[KEPT].get(row.id, (None, None)) if KEPT in session.info else (None, None)
    try:
        if kept is None or kept_rev != row.rev:
            kept = Instance.load(compiled, row.body, row.base)
    except InvalidState:
        incidents.note_unreadable(session, row.id, row.case_id)
        raise
    return Loaded(row, case, row.definition_id, sha256, compiled, kept, row.rev)
