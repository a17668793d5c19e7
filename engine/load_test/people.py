"""Invented people in any number: names, numbers that begin with 99, addresses; encrypted as the application does it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from engine.store import crypto, folding

_NAMES = """
Siti Aminah Dewi Sri Nur Ani Wati Rina Lestari Yuni Endang Tuti Maryam Karsinah Sumiati Painem Juminten Wasti Rumini
Lastri Ahmad Budi Slamet Joko Agus Hadi Bambang Sutrisno Paijo Suparman Dedi Eko Rudi Yanto Tono Wahyu Hendra Iwan Udin
Asep Ujang Made Wayan Ketut Nyoman Putu Andi Daeng Baharuddin Yosef Maria Yohanes Marta Petrus
"""
_ENDINGS = """
ningsih wati sih yem nah yanti sari astuti handayani rahayu utami pertiwi kusuma wijaya santoso nugroho prasetyo hartono
gunawan setiawan saputra pratama hidayat firmansyah kurniawan susanto suryadi mulyadi supriadi wibowo
"""
_STREETS = "Melati Mawar Kenanga Anggrek Cempaka Flamboyan Dahlia Teratai Merpati Garuda Rajawali Kutilang"
_FIRST, _LAST, _STREET = tuple(_NAMES.split()), tuple(_ENDINGS.split()), tuple(_STREETS.split())
_BORN = date(1940, 1, 1)


@dataclass(frozen=True, slots=True)
class Invented:
    """One person."""

    name: str
    nik: str
    sex: str
    born: date
    address: str


def invent(number: int, kabupaten: str, chance: random.Random) -> Invented:
    """Person number `number` of the load test, who lives in kabupaten '99.51'."""
    sex = "P" if chance.random() < 0.6 else "L"
    born = _BORN + timedelta(days=chance.randrange(28_000))
    # Some names are borne by many, most by few: as it is.
    first = _FIRST[min(int(chance.expovariate(0.08)), len(_FIRST) - 1)]
    name = f"{first} {chance.choice(_FIRST)[:4].capitalize()}{chance.choice(_LAST)} {chance.choice(_LAST).capitalize()}"
    code = kabupaten.replace(".", "")
    day = born.day + (40 if sex == "P" else 0)
    return Invented(
        name=name,
        nik=f"{code}{number % 100:02}{day:02}{born.month:02}{number // 100 % 1_000_000:06}",
        sex=sex,
        born=born,
        address=f"Jalan {chance.choice(_STREET)} {chance.randrange(1, 200)}",
    )


@lru_cache(maxsize=10_000)
def _word_index(word: str) -> list[bytes]:
    return folding.address_index(word)


def person_row(number: int, who: Invented, village: str, at: datetime) -> tuple[Any, ...]:
    """The row of PERSON_COLUMNS."""
    ring = crypto.ring()
    return (
        number,
        who.name,
        folding.words(who.name),
        ring.encrypt(who.nik.encode(), b"person.nik"),
        folding.nik_index(who.nik),
        "padan",
        who.sex,
        who.born,
        ring.encrypt(who.address.encode(), b"person.address"),
        [index for word in who.address.split() for index in _word_index(word)],
        village,
        False,
        at,
    )


PERSON_COLUMNS = (
    "id, name, name_words, nik, nik_index, nik_status, sex, birth_date, address, address_index, village_code,"
    " restricted, created_at"
)
PERSON_TYPES = (
    "int8", "text", "text[]", "bytea", "bytea", "text", "text", "date", "bytea", "bytea[]", "text", "bool",
    "timestamptz",
)  # fmt: skip


def household_row(number: int, village: str, at: datetime) -> tuple[Any, ...]:
    """The row of HOUSEHOLD_COLUMNS."""
    kk_no = f"{village[:5].replace('.', '')}00{number:010}"
    sealed = crypto.ring().encrypt(kk_no.encode(), b"household.kk_no")
    return (number, sealed, folding.kk_index(kk_no), village, number % 10 + 1, at)


HOUSEHOLD_COLUMNS = "id, kk_no, kk_index, village_code, desil, created_at"
HOUSEHOLD_TYPES = ("int8", "bytea", "bytea", "text", "int8", "timestamptz")


def everybody(first: int, villages: list[str], seed: int) -> Iterator[tuple[int, Invented, str]]:
    """(number, person, village) for each village of the list; the same seed invents the same people."""
    chance = random.Random(seed)  # noqa: S311 - invented data, nothing secret
    for number, village in enumerate(villages, first):
        yield number, invent(number, village[:5], chance), village
