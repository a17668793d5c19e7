"""How names and addresses are folded so that people are found however they are typed."""

import re
import unicodedata
from string import ascii_lowercase

from engine.store import crypto

_WORD = re.compile(r"[a-z0-9]+")
# Old and new spelling, and what the ear does not tell apart: Soekarno/Sukarno, Djoko/Joko, Siti/Sitti.
_SOUNDS = (
    ("oe", "u"),
    ("dj", "j"),
    ("tj", "c"),
    ("sj", "s"),
    ("sy", "s"),
    ("ch", "k"),
    ("q", "k"),
    ("v", "f"),
    ("z", "s"),
)
_TITLES = frozenset({"bin", "binti", "bapak", "bpk", "pak", "ibu", "bu", "ny", "nyonya", "tn", "sdr", "h", "hj"})
_STREET = frozenset({"jl", "jln", "jalan", "no", "nomor", "rt", "rw", "dusun", "dsn", "desa", "gang", "gg", "blok"})


def words(text: str) -> list[str]:
    """'Ny. Djoemiati' -> ['jumiati']: lower case, no accents, no titles, spelling folded."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = [_fold(word) for word in _WORD.findall(plain) if word not in _TITLES]
    return sorted(set(found))


def _fold(word: str) -> str:
    for old, new in _SOUNDS:
        word = word.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", word)


def slips(word: str) -> set[str]:
    """A folded word as it may have been meant: one letter missing, too many, another, or two that changed places."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    missing = {left + letter + right for left, right in cuts for letter in ascii_lowercase}
    other = {left + letter + right[1:] for left, right in cuts if right for letter in ("", *ascii_lowercase)}
    return {word} | swapped | missing | other


def digits(text: str) -> str:
    """Only the digits."""
    return re.sub(r"\D", "", text)


def nik_index(nik: str) -> bytes:
    """The blind index of a NIK, however it was typed."""
    return crypto.ring().blind_index("nik", digits(nik))


def kk_index(kk_no: str) -> bytes:
    """The blind index of a family card number."""
    return crypto.ring().blind_index("kk", digits(kk_no))


def address_index(address: str) -> list[bytes]:
    """Blind indexes of an address's telling words."""
    telling = [word for word in words(address) if word not in _STREET and len(word) > 1]
    return [crypto.ring().blind_index("address", word) for word in telling]
