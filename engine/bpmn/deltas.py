"""A large state is told by what differs from an earlier one, its base: a step writes the difference, and seldom a base.

Format "+": the byte, then two parts: the difference and the base, a state of a format of its own. What differs is the
contents: the main document as JSON and the chunks, each behind its length. The two lie in columns of their own, so
that whoever writes a step leaves the base where it is.
"""

from collections.abc import Sequence
from typing import NamedTuple

from engine.bpmn.packing import add_difference, compress, decompress, difference, part, parts

DELTA = b"+"
WORTH_IT = 2_000
"""Bytes of a state from which on PostgreSQL would put it outside of its row; smaller ones are written whole."""
_SHARE = 6  # a difference above a sixth of its base makes a new base: about what writes least over many steps


class _Writing:
    whole = False


def write_whole(whole: bool) -> None:
    """Write every state whole, for processes beside this one that know no other; said once, at start-up."""
    _Writing.whole = whole


class Base(NamedTuple):
    """An earlier state and its contents."""

    state: bytes
    contents: bytes


class Expanded(NamedTuple):
    """A state as read: the format of its documents, the main one as JSON, the chunks, and the base if it has one."""

    format: bytes
    main: bytes
    chunks: Sequence[bytes]
    base: Base | None


def encode(kind: bytes, main: bytes, chunks: Sequence[bytes], base: Base | None) -> tuple[bytes, Base | None]:
    """The state of these contents and the base that it has now."""
    contents = _contents(main, chunks)
    if base is not None and not _Writing.whole and len(contents) * 2 > len(base.contents):
        found = difference(contents, base.contents)
        if len(found) * _SHARE <= len(base.state):
            return DELTA + part(found) + part(base.state), base
    whole = kind + b"".join(part(blob) for blob in (compress(main), *chunks))
    if _Writing.whole or len(whole) < WORTH_IT:
        return whole, None
    return DELTA + part(difference(contents, contents)) + part(whole), Base(whole, contents)


def decode(state: bytes) -> Expanded:
    """What `encode` was given. Raises ZstdError, ValueError."""
    if state[:1] != DELTA:
        main, *chunks = parts(state, 1)
        return Expanded(state[:1], decompress(main), chunks, None)
    found, whole = parts(state, 1)
    if whole[:1] == DELTA:
        raise ValueError("a base has no base")
    former = decode(whole)
    base = Base(whole, _contents(former.main, former.chunks))
    main, *chunks = parts(add_difference(base.contents, found))
    return Expanded(former.format, main, chunks, base)


def apart(state: bytes) -> tuple[bytes, bytes | None]:
    """What a step changes of a state, and its base: two columns."""
    if state[:1] != DELTA:
        return state, None
    end = 5 + int.from_bytes(state[1:5], "big")
    return state[:end], state[end + 4 :]


def together(body: bytes | None, base: bytes | None) -> bytes:
    """The state that lies in two columns."""
    if body is None or base is None or body[:1] != DELTA:
        return body or b""
    return body + part(base)


def _contents(main: bytes, chunks: Sequence[bytes]) -> bytes:
    return b"".join(map(part, (main, *chunks)))
