"""Tokens, frames and scopes as plain rows, and back: what the codec stores."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.bpmn.tokens import Token
from engine.bpmn.workflow import Body, Execution, Frame

if TYPE_CHECKING:
    from engine.bpmn.scopes import Scopes

Row = list[Any]


def token_row(token: Token) -> Row:
    """[id, parent (0: the frame's root), element, state, what the element keeps]."""
    parent = 0 if token._parent == token.workflow.task_tree.id else token._parent
    return [token.id, parent, token.task_spec.name, token._state, token.internal_data]


def frame_row(frame: Frame, skipped: set[str]) -> Row:
    """[owner, specification, interrupted, compensable, tokens], without the `skipped` tokens."""
    root = frame.task_tree.id
    rows = [token_row(token) for id_, token in frame.tasks.items() if id_ != root and id_ not in skipped]
    return [frame.parent_task_id, frame.spec.name, int(frame.interrupted), frame.compensable, rows]


def scope_rows(scopes: "Scopes", keys: Iterable[str]) -> list[Row]:
    """[key, scope around, variables] of each."""
    found = ((key, scopes.all[key]) for key in keys)
    return [[key, scope.parent, scope.variables.to_store()] for key, scope in found]


def restore_scopes(scopes: "Scopes", rows: Iterable[Row]) -> None:
    """Add the scopes; their values stay as they lie until somebody looks."""
    for key, parent, variables in rows:
        scopes.restore(key, parent, variables)


def restore_tokens(frame: Frame, rows: Iterable[Row]) -> None:
    """Add the tokens to their frame; a parent comes before or with its children."""
    tasks, specs, index, root = frame.tasks, frame.spec.task_specs, frame.top_workflow.index, frame.task_tree.id
    rows = list(rows)
    for id_, parent, element, state, kept in rows:
        tasks[id_] = index[id_] = Token.restored(frame, specs[element], id_, parent or root, state, kept)
    for id_, parent, *_ in rows:
        tasks[parent or root]._children.append(id_)


def restore_frame(frame: Frame, row: Row) -> None:
    """Fill a new frame."""
    frame.prepare()
    frame.interrupted, frame.compensable = bool(row[2]), row[3]
    restore_tokens(frame, row[4])


def restore_body(top: Execution, row: Row) -> None:
    """Add the body of a subprocess or called process; its owner and its scope are there already."""
    owner = row[0]
    scope = owner + "/" if owner + "/" in top.scopes else owner
    body = Body(top.subprocess_specs[row[1]], owner, top, scope)
    top.subprocesses[owner] = body
    restore_frame(body, row)
