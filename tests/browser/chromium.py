"""A Chromium that needs nothing of the machine: unpacked once out of its npm package into var/."""

import io
import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

import brotli

from engine.settings import PROJECT
from tests.locks import alone

PACKAGE = PROJECT / "node_modules" / "@sparticuz" / "chromium"
FLAGS = (
    "--headless=shell",
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """An executable and what it needs around it."""

    executable: Path
    environment: dict[str, str]


def unpack() -> Chromium:
    """The unpacked browser; the first caller unpacks (some seconds), others wait for it."""
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    home = PROJECT / "var" / f"chromium-{version}"
    home.parent.mkdir(exist_ok=True)
    with alone(home.parent / "chromium.lock"):
        if not home.is_dir():
            draft = home.with_name(home.name + ".new")
            shutil.rmtree(draft, ignore_errors=True)
            _unpack_into(draft)
            draft.rename(home)
            _write_fonts(home)
    return Chromium(
        home / "chromium",
        {"LD_LIBRARY_PATH": str(home / "al2023" / "lib"), "FONTCONFIG_FILE": str(home / "fonts.conf")},
    )


def _unpack_into(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, below in (("fonts", "fonts"), ("al2023", "al2023"), ("swiftshader", ".")):
        packed = brotli.decompress((PACKAGE / "bin" / f"{name}.tar.br").read_bytes())
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            # Python before 3.11.4 knows no filters; this attribute is then nothing to it.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)  # type: ignore[method-assign]
            archive.extractall(folder / below)  # noqa: S202 - a package pinned by its hash
    executable = folder / "chromium"
    executable.write_bytes(brotli.decompress((PACKAGE / "bin" / "chromium.br").read_bytes()))
    executable.chmod(0o755)


def _write_fonts(home: Path) -> None:
    text = _FONTS.format(fonts=home / "fonts", cache=home / "font-cache")
    (home / "fonts.conf").write_text(text)
