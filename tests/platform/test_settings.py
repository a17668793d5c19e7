"""Settings: everything wrong is named at once, and .env.example knows every name."""

from pathlib import Path

import pytest

from engine.settings import NAMES, PROJECT, Keys, Settings, SettingsError, read_environment_file


@pytest.fixture
def good(tmp_path: Path) -> dict[str, str]:
    Keys.create(tmp_path / "keys")
    return {
        "DATABASE_URL": "postgresql://pilar:pw@127.0.0.1:5432/pilar",
        "PILAR_SECRET": "x" * 32,
        "PILAR_KEYS": str(tmp_path / "keys"),
    }


def test_the_least_that_is_needed(good: dict[str, str]) -> None:
    settings = Settings.from_env(good)
    assert settings.database_url == "postgresql+psycopg://pilar:pw@127.0.0.1:5432/pilar"
    assert settings.redis_url is None
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert not settings.is_https
    assert not settings.demo


def test_every_bad_value_is_named_at_once(good: dict[str, str]) -> None:
    bad = {**good, "DATABASE_URL": "mysql://x", "PORT": "http", "PILAR_DEMO": "maybe", "PILAR_SECRET": ""}
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(bad)
    assert [problem.split(":")[0] for problem in raised.value.problems] == [
        "PORT",
        "DATABASE_URL",
        "PILAR_SECRET",
        "PILAR_DEMO",
    ]


def test_nothing_at_all_names_what_is_required() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({})
    assert [problem.split(":")[0] for problem in raised.value.problems] == [
        "DATABASE_URL",
        "PILAR_SECRET",
        "PILAR_KEYS",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "http://x"),
        ("PILAR_URL", "pilar.example"),
        ("PILAR_TIMEZONE", "Mars/Base"),
        ("MAIL_URL", "mail.example"),
        ("PILAR_LOG", "loud"),
        ("PILAR_WEB_WORKERS", "0"),
        ("HOST", "two words"),
        ("PILAR_KEYS", "nowhere"),
    ],
)
def test_bad_values_are_refused(good: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({**good, name: value})


def test_the_example_explains_every_setting_and_no_other() -> None:
    assert set(read_environment_file(PROJECT / ".env.example")) == set(NAMES)


def test_the_example_passes_once_the_key_file_exists(tmp_path: Path) -> None:
    Keys.create(tmp_path / "keys")
    example = read_environment_file(PROJECT / ".env.example")
    Settings.from_env({**example, "PILAR_KEYS": str(tmp_path / "keys")})


def test_every_setting_is_read(good: dict[str, str]) -> None:
    asked: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            asked.add(name)
            return super().get(name, default)

    Settings.from_env(Watched(good))
    assert asked == set(NAMES)


def test_keys_are_private_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    keys = Keys(encryption={3: bytes(32), 7: b"k" * 32}, current=7, lookup=b"l" * 32)
    keys.write(path)
    assert path.stat().st_mode & 0o077 == 0
    assert Keys.read(path) == keys
    with pytest.raises(FileExistsError):
        keys.write(path)


@pytest.mark.parametrize(
    "text",
    ["", "1 AAAA\nlookup AAAA\n", f"lookup {'A' * 43}=\n", f"300 {'A' * 43}=\nlookup {'A' * 43}=\n", "1 ???\n"],
)
def test_bad_key_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(ValueError, match="key"):
        Keys.read(tmp_path / "keys")
