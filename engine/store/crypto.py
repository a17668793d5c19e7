"""Field encryption: AES-256-GCM under a key ring, and blind indexes for exact search on what is encrypted."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

NONCE = 12


@dataclass(frozen=True, slots=True)
class KeyRing:
    """`keys`: key id (0..255) -> 32 bytes; `current` encrypts, all decrypt. `index_key` makes blind indexes."""

    keys: dict[int, bytes]
    current: int
    index_key: bytes

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        """Key id, nonce and ciphertext; `context` (table and column) is authenticated, not stored."""
        nonce = os.urandom(NONCE)
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, plain, context)
        return bytes([self.current]) + nonce + sealed

    def decrypt(self, sealed: bytes, context: bytes) -> bytes:
        """The plain bytes. Raises `cryptography.exceptions.InvalidTag` if moved or changed."""
        return AESGCM(self.keys[sealed[0]]).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], context)

    def blind_index(self, kind: str, value: str) -> bytes:
        """128 bits of a keyed hash of a normalised value: equal values meet, nothing else is told."""
        return hmac.digest(self.index_key, f"{kind}:{value}".encode(), hashlib.sha256)[:16]

    def mark(self, kind: str, data: bytes) -> bytes:
        """A keyed hash over `data`: who has no key cannot make one that fits."""
        return hmac.digest(self.index_key, f"mark.{kind}:".encode() + data, hashlib.sha256)


class _Holder:
    ring: KeyRing | None = None


def configure(ring: KeyRing) -> None:
    """Set the process's key ring, once at start-up."""
    _Holder.ring = ring


def ring() -> KeyRing:
    """The configured key ring. Raises RuntimeError before `configure`."""
    if _Holder.ring is None:
        raise RuntimeError("No key ring is configured: call engine.store.crypto.configure at start-up.")
    return _Holder.ring


class EncryptedText(TypeDecorator[str]):
    """Text kept as ciphertext; `context` names table and column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else ring().encrypt(value.encode(), self.context.encode())

    def process_result_value(self, value: Any, dialect: Any) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else ring().decrypt(bytes(value), self.context.encode()).decode()


class EncryptedJson(TypeDecorator[dict[str, Any]]):
    """A JSON object kept as ciphertext."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Any) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else ring().encrypt(orjson.dumps(value), self.context.encode())

    def process_result_value(self, value: Any, dialect: Any) -> dict[str, Any] | None:
        """Decrypt on the way out."""
        if value is None:
            return None
        loaded: dict[str, Any] = orjson.loads(ring().decrypt(bytes(value), self.context.encode()))
        return loaded


class EncryptedBytes(TypeDecorator[bytes]):
    """A file's bytes kept as ciphertext."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: bytes | None, dialect: Any) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else ring().encrypt(value, self.context.encode())

    def process_result_value(self, value: Any, dialect: Any) -> bytes | None:
        """Decrypt on the way out."""
        return None if value is None else ring().decrypt(bytes(value), self.context.encode())


def seal_json(value: Any, context: bytes) -> bytes:
    """JSON as ciphertext, for statements written by hand; `EncryptedJson` with the same context reads it."""
    return ring().encrypt(orjson.dumps(value), context)


def as_json(value: Any) -> str:
    """JSON text for a jsonb parameter of a statement written by hand."""
    return orjson.dumps(value).decode()
