"""How a state becomes bytes: compact JSON, compressed, whole or by what differs from other contents."""

import threading
from typing import Any

import orjson
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdCompressor, ZstdDecompressor

from engine import feel

MAX_STATE = 64 * 1024 * 1024
_LEVEL = 3
# Beside a base of up to so many bytes the quickest level finds as much, in half the time; its memory is short of more.
_SMALL_BASE = 64 * 1024


class _Zstd(threading.local):
    """Contexts of each thread's own: zstd works outside the interpreter's lock, and one context mixes threads up."""

    def __init__(self) -> None:
        self.compressor = ZstdCompressor(level=_LEVEL)
        self.decompressor = ZstdDecompressor()


_ZSTD = _Zstd()


def to_json(document: Any) -> bytes:
    """Compact JSON."""
    return orjson.dumps(document, default=feel.to_json, option=orjson.OPT_PASSTHROUGH_DATETIME)


def compress(contents: bytes) -> bytes:
    """Make them smaller."""
    return _ZSTD.compressor.compress(contents)


def decompress(blob: bytes) -> bytes:
    """What `compress` was given. Raises ZstdError."""
    return _ZSTD.decompressor.decompress(blob, max_output_size=MAX_STATE)


def pack(document: Any) -> bytes:
    """Compact JSON, compressed."""
    return compress(to_json(document))


def unpack(blob: bytes) -> Any:
    """What `pack` was given. Raises ZstdError, JSONDecodeError."""
    return orjson.loads(decompress(blob))


def difference(contents: bytes, base: bytes) -> bytes:
    """What must be known beside `base` to have `contents`; a checksum tells another base from this one."""
    known = ZstdCompressionDict(base, dict_type=DICT_TYPE_RAWCONTENT)
    level = 1 if len(base) <= _SMALL_BASE else _LEVEL
    return ZstdCompressor(level=level, dict_data=known, write_checksum=True).compress(contents)


def add_difference(base: bytes, found: bytes) -> bytes:
    """The contents that `difference` was given. Raises ZstdError."""
    known = ZstdCompressionDict(base, dict_type=DICT_TYPE_RAWCONTENT)
    return ZstdDecompressor(dict_data=known).decompress(found, max_output_size=MAX_STATE)


def part(blob: bytes) -> bytes:
    """The bytes behind their length in four bytes."""
    return len(blob).to_bytes(4, "big") + blob


def parts(joined: bytes, position: int = 0) -> list[bytes]:
    """What `part` made one after the other. Raises ValueError if something is cut off."""
    found = []
    while position < len(joined):
        size = int.from_bytes(joined[position : position + 4], "big")
        position += 4 + size
        if position > len(joined):
            raise ValueError("it is cut off")
        found.append(joined[position - size : position])
    return found
