"""What must not leave: headers of every page, words in logs and addresses, script in names, places in photographs."""

import io
import logging
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from tests import factories
from tests.web.expected import EXPECTED
from tests.web.test_attacks import PAGES, insider, path_of
from tests.web.world import ADDRESS, NIK, PHONE, STORY, WIFE, World

XSS = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>"


class Tags(HTMLParser):
    """The scripts, handlers and inline styles of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str | None] = []
        self.inline: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("nonce"))
        self.inline += [name for name in given if name == "style" or (name.startswith("on") and name != "one")]
        self.addresses += [
            value for name in ("href", "action", "src", "hx-get", "hx-post") if (value := given.get(name))
        ]


@pytest.mark.parametrize("key", PAGES, ids=" ".join)
def test_the_headers_and_scripts_of_every_page(world: World, key: tuple[str, str]) -> None:
    answer = world.ask_and_take_back(insider(key), "GET", path_of(world, key))
    headers, policy = answer.headers, answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert headers["Referrer-Policy"] == "same-origin"
    if key[1] != "assets.file":
        assert "public" not in headers["Cache-Control"]
        assert "no-store" in headers["Cache-Control"] or key[1].endswith(".diagram"), headers["Cache-Control"]
    if answer.mimetype == "text/html":
        page = Tags()
        page.feed(answer.text)
        assert page.inline == []
        assert set(page.scripts) <= {nonce[1]}
        told = [word for word in (WIFE, "Rukmini", NIK, PHONE, ADDRESS) for link in page.addresses if word in link]
        assert told == [], "addresses hold numbers of rows only"


def test_a_searched_name_stands_in_no_address(world: World) -> None:
    for path in ("/cases/find", "/tasks/find"):
        answer = world.ask_and_take_back("tksk", "POST", path, {"q": "Rukmini Biasa"})
        assert "Rukmini" not in answer.location
        assert "find=" in answer.location
        page = world.ask_and_take_back("tksk", "GET", answer.location.replace("/tasks?", "/tasks?tab=queue&"))
        assert "Rukmini Biasa" in page.text, "shown again in the box"
        assert world.ids["case_no", "normal"] in page.text


def test_no_log_line_names_anybody(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.queries import case_page
    from engine.serve.logs import _JsonLines

    caplog.set_level(logging.DEBUG)
    seeds = (WIFE, "Zulaikha", NIK, PHONE, ADDRESS, STORY)
    with world.taken_back():
        for key in PAGES:
            world.ask(insider(key), "GET", path_of(world, key))
        world.ask("tksk+duty", "POST", "/people", {"q": WIFE})
        world.ask("tksk+duty", "POST", f"/cases/{world.ids['case', 'restricted']}/notes", {"body": STORY})

        def broken(*_: object) -> None:
            raise RuntimeError(f"{WIFE} {NIK} {ADDRESS}")

        monkeypatch.setattr(case_page, "page", broken)
        world.app.testing = False
        answer = world.ask("tksk+duty", "GET", f"/cases/{world.ids['case', 'restricted']}")
    assert answer.status_code == 500
    assert [seed for seed in seeds if seed in answer.text] == []
    lines = "\n".join(_JsonLines("web").format(record) for record in caplog.records)
    assert "broken reference=" in lines
    assert [seed for seed in seeds if seed in lines] == []


# --- script in names


def test_script_in_what_people_type_stays_text(world: World) -> None:
    form = {"client_name": XSS, "address": XSS, "problem_text": XSS, "sex": "P", "village_code": factories.VILLAGE}
    with world.taken_back():
        answer = world.ask("tksk", "POST", "/cases/new/report", {**form, "restricted": "false", "_form": "new"})
        case_id = int(answer.location.split("/")[3])
        world.ask("tksk", "POST", f"/cases/{case_id}/notes", {"body": XSS})
        paper = (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), f"{XSS}.pdf")
        world.ask("tksk", "POST", f"/cases/{case_id}/documents", {"file": paper, "kind": XSS})
        paths = ["", "/answers", "/history", "/flow", "/events"]
        pages = [world.ask("tksk", "GET", f"/cases/{case_id}{path}").text for path in paths]
        pages.append(world.ask("tksk", "POST", "/people", {"q": XSS}).text)
        pages.append(world.ask("tksk", "GET", "/cases").text)
        pages.append(world.ask("tksk", "GET", "/tasks?tab=queue").text)
    assert any("&lt;script&gt;alert(1)" in page for page in pages)
    for page in pages:
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page


# --- files


def upload(world: World, data: bytes, name: str) -> tuple[int, str]:
    """Send a file to the normal case: the status, and the page it led to."""
    path = f"/cases/{world.ids['case', 'normal']}"
    answer = world.ask("tksk", "POST", f"{path}/documents", {"file": (io.BytesIO(data), name), "kind": "other"})
    return answer.status_code, world.ask("tksk", "GET", path).text if answer.status_code == 303 else answer.text


def picture(kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(target, kind, **options)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("foto.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("surat.html", b"<!doctype html><script>alert(1)</script>"),
        ("foto.jpg", b"<script>alert(1)</script>"),
        ("foto.gif", b"GIF89a/*\x00\x00*/=1;alert(1)//"),
        ("program.pdf", b"MZ\x90\x00" + b"\x00" * 200),
        ("arsip.pdf", b"PK\x03\x04" + b"\x00" * 200),
        ("rusak.pdf", b"%PDF-1.4 without an end"),
        ("kosong.pdf", b""),
        ("rusak.png", picture("PNG")[:60]),
    ],
)
def test_what_is_no_document_is_refused(world: World, name: str, data: bytes) -> None:
    with world.taken_back():
        status, page = upload(world, data, name)
    assert status == 422
    assert "alert(1)" not in page


def test_a_picture_that_unfolds_to_gigabytes_is_refused(world: World) -> None:
    target = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(target, "PNG")
    with world.taken_back():
        assert upload(world, target.getvalue(), "bom.png")[0] == 422


def test_photographs_lose_their_place_and_what_hides_behind_them(world: World) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "S", 2: (6.0, 12.0, 30.0), 3: "E", 4: (106.0, 49.0, 0.0)}
    exif[0x010F] = "Kamera Rahasia"
    data = picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
    with world.taken_back():
        assert upload(world, data, "rumah.jpg")[0] == 303
        page = world.ask("tksk", "GET", f"/cases/{world.ids['case', 'normal']}").text
        newest = max(int(number) for number in re.findall(r"/documents/(\d+)", page))
        answer = world.ask("tksk", "GET", f"/documents/{newest}")
    assert b"Kamera Rahasia" not in answer.data
    assert b"alert(1)" not in answer.data
    assert not Image.open(io.BytesIO(answer.data)).getexif()


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "..\\..\\boot.pdf", "/etc/x.pdf", "a\u202efdp.exe"])
def test_names_of_files_lead_nowhere(world: World, name: str) -> None:
    with world.taken_back():
        assert upload(world, b"%PDF-1.4\n%%EOF\n", name)[0] == 303
        page = world.ask("tksk", "GET", f"/cases/{world.ids['case', 'normal']}").text
        newest = max(int(number) for number in re.findall(r"/documents/(\d+)", page))
        answer = world.ask("tksk", "GET", f"/documents/{newest}")
    shown = answer.headers["Content-Disposition"]
    assert shown.startswith("attachment")
    assert not re.search(r"[/\\\r\n\u202e]|%2F|%5C|%E2%80%AE", shown)
    assert "Set-Cookie" not in answer.headers


def test_every_page_was_looked_at() -> None:
    assert {key for key in EXPECTED if key[0] == "GET"} == set(PAGES)
