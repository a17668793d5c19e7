"""What the surroundings decide: read once from the environment at start-up, then passed in."""

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PROJECT = Path(__file__).resolve().parent.parent
RUNNING_ENVIRONMENT = "running.env"
T = TypeVar("T")


class SettingsError(Exception):
    """Settings are missing or wrong. `problems`: one sentence each, all of them at once."""

    code = "bad_settings"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Keys:
    """Keys of 32 bytes for personal fields: number `current` of `encryption` encrypts, every one decrypts.

    `lookup` makes the blind index by which a NIK can be found without being readable.
    """

    encryption: dict[int, bytes]
    current: int
    lookup: bytes

    @classmethod
    def read(cls, path: Path) -> "Keys":
        """Read a key file: lines `NUMBER BASE64`, the current one first, and `lookup BASE64`. Raises ValueError."""
        keys: dict[str, bytes] = {}
        for line in path.read_text(encoding="ascii").splitlines():
            name, _, text = line.partition(" ")
            if name and not name.startswith("#"):
                keys[name] = _key(name, text)
        lookup = keys.pop("lookup", None)
        if lookup is None or not keys or not all(name.isdigit() and int(name) < 256 for name in keys):
            raise ValueError("it needs a key named `lookup` and at least one numbered from 0 to 255")
        encryption = {int(name): key for name, key in keys.items()}
        return cls(encryption=encryption, current=next(iter(encryption)), lookup=lookup)

    @classmethod
    def create(cls, path: Path) -> None:
        """Write a file with new random keys; an existing file is an error."""
        cls(encryption={1: os.urandom(32)}, current=1, lookup=os.urandom(32)).write(path)

    def write(self, path: Path) -> None:
        """Write these keys to a new file that only its owner reads."""
        numbers = sorted(self.encryption, key=lambda number: number != self.current)
        keys = {**{str(number): self.encryption[number] for number in numbers}, "lookup": self.lookup}
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(f"{name} {base64.b64encode(key).decode()}\n" for name, key in keys.items())


@dataclass(frozen=True)
class Settings:
    """Every setting, checked. `.env.example` explains each one for the person who runs Pilar."""

    database_url: str
    redis_url: str | None
    secret: str
    keys: Keys
    data: Path
    host: str
    port: int
    public_url: str
    trusted_proxies: int
    web_workers: int
    office_timezone: ZoneInfo
    mail_url: str | None
    mail_from: str
    log_level: str
    demo: bool
    metrics_token: str | None = None
    metrics_at: tuple[str, int] | None = None
    whole_states: bool = False

    @property
    def is_https(self) -> bool:
        """Whether people reach Pilar over https, so that cookies may be marked secure."""
        return self.public_url.startswith("https:")

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read and check every setting; raises SettingsError that names all bad ones together."""
        reader = _Reader(os.environ if environment is None else environment)
        host = reader.take("HOST", _word, "127.0.0.1")
        port = reader.take("PORT", _between(0, 65535), "8000")
        settings = cls(
            database_url=reader.take("DATABASE_URL", _database_url),
            redis_url=reader.take("REDIS_URL", _redis_url, ""),
            secret=reader.take("PILAR_SECRET", _secret),
            keys=reader.take("PILAR_KEYS", _keys),
            data=reader.take("PILAR_DATA", _folder, str(PROJECT / "var")),
            host=host,
            port=port,
            public_url=reader.take("PILAR_URL", _web_address, f"http://{host}:{port}"),
            trusted_proxies=reader.take("PILAR_PROXIES", _between(0, 9), "0"),
            web_workers=reader.take("PILAR_WEB_WORKERS", _between(1, 64), "2"),
            office_timezone=reader.take("PILAR_TIMEZONE", _timezone, "Asia/Jakarta"),
            mail_url=reader.take("MAIL_URL", _mail_url, ""),
            mail_from=reader.take("MAIL_FROM", _word, "pilar@localhost"),
            log_level=reader.take("PILAR_LOG", _log_level, "info"),
            demo=reader.take("PILAR_DEMO", _yes_no, "no"),
            metrics_token=reader.take("PILAR_METRICS_TOKEN", _token, ""),
            metrics_at=reader.take("PILAR_METRICS", _place, ""),
            whole_states=reader.take("PILAR_WHOLE_STATES", _yes_no, "no"),
        )
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings


NAMES = (
    "DATABASE_URL", "REDIS_URL", "PILAR_SECRET", "PILAR_KEYS", "PILAR_DATA", "HOST", "PORT", "PILAR_URL",
    "PILAR_PROXIES", "PILAR_WEB_WORKERS", "PILAR_TIMEZONE", "MAIL_URL", "MAIL_FROM", "PILAR_LOG", "PILAR_DEMO",
    "PILAR_METRICS_TOKEN", "PILAR_METRICS", "PILAR_WHOLE_STATES",
)  # fmt: skip
"""The names of all settings in the environment."""


def environment() -> dict[str, str]:
    """The process's environment; what it leaves out comes from a running `make run` of this folder.

    So `pilar doctor` or `pilar user add` in a second terminal reach the demo's own servers.
    """
    file = Path(os.environ.get("PILAR_DATA", PROJECT / "var")) / RUNNING_ENVIRONMENT
    running = read_environment_file(file) if "DATABASE_URL" not in os.environ and file.is_file() else {}
    return {**running, **os.environ}


def read_environment_file(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines (comments start with #); quotes and escapes have no meaning."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


class _Reader:
    """Takes values one by one and collects what is wrong instead of stopping at the first."""

    def __init__(self, source: Mapping[str, str]) -> None:
        self._source = source
        self.problems: list[str] = []

    def take(self, name: str, convert: Callable[[str], T], default: str | None = None) -> T:
        text = self._source.get(name, "").strip() or default
        try:
            if text is None:
                raise ValueError("it is missing")
            return convert(text)
        except (ValueError, OSError) as error:
            self.problems.append(f"{name}: {error}.")
            # Never seen by a caller: from_env raises as soon as every name has been looked at.
            return None  # type: ignore[return-value]


def _word(text: str) -> str:
    if not text or any(character.isspace() for character in text):
        raise ValueError("it must be one word without spaces")
    return text


def _between(low: int, high: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return int(text)

    return convert


def _database_url(text: str) -> str:
    """Accept what libpq accepts; answer with the driver named, as SQLAlchemy wants it."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("it must look like postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return f"postgresql+psycopg://{rest}"


def _redis_url(text: str) -> str | None:
    if text and urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("it must look like redis://:PASSWORD@HOST:PORT/0, or be empty")
    return text or None


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("it must be at least 32 random characters")
    return text


def _keys(text: str) -> Keys:
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"there is no file {text}")
    return Keys.read(path)


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"the key {name} is not base64") from error
    if len(key) != 32:
        raise ValueError(f"the key {name} has {len(key)} bytes instead of 32")
    return key


def _folder(text: str) -> Path:
    path = Path(text).resolve()
    if path.exists() and not path.is_dir():
        raise ValueError(f"{text} is not a folder")
    return path


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("it must look like https://pilar.example")
    return text.rstrip("/")


def _timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except ZoneInfoNotFoundError as error:
        raise ValueError("it must be Asia/Jakarta, Asia/Makassar or Asia/Jayapura") from error


def _mail_url(text: str) -> str | None:
    if text and urlsplit(text).scheme not in {"smtp", "smtps"}:
        raise ValueError("it must look like smtp://USER:PASSWORD@HOST:587, or be empty")
    return text or None


def _log_level(text: str) -> str:
    if text not in {"debug", "info", "warning", "error"}:
        raise ValueError("it must be debug, info, warning or error")
    return text


def _yes_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError("it must be yes or no")
    return text == "yes"


def _token(text: str) -> str | None:
    if text and len(text) < 16:
        raise ValueError("it must be at least 16 random characters, or be empty")
    return text or None


def _place(text: str) -> tuple[str, int] | None:
    host, _, port = text.rpartition(":")
    if text and (not host or not port.isdigit()):
        raise ValueError("it must look like 127.0.0.1:9100, or be empty")
    return (host.strip("[]"), int(port)) if text else None
