"""Invented students with names of many scripts, each with the letters a login makes of them, spelt here by hand."""

import random
from dataclasses import dataclass
from typing import NamedTuple

SCHOOL_YEAR = 2026


class Name(NamedTuple):
    """A name and its letters; none where it is not written in Latin letters."""

    text: str
    letters: str


def _names(text: str) -> tuple[Name, ...]:
    return tuple(Name(*pair.split("/")) for pair in text.split(","))


GIVEN = _names(
    "Amelia/amelia,Zoë/zoe,Björn/bjorn,José/jose,Siân/sian,Aroha/aroha,Liam/liam,Thảo/thao,Łukasz/lukasz,"
    "Jean-Luc/jeanluc,Øyvind/oyvind,Noor/noor,Kirra/kirra,Ngọc/ngoc,Çelik/celik,Ivy/ivy,Wren/wren,Hugo/hugo,"
    "D'Arcy/darcy,Poppy/poppy,Quinn/quinn,Una/una,Vikram/vikram,Xavier/xavier,Yara/yara,Gus/gus,Ezra/ezra,"
    "Finn/finn,Rory/rory,Maeve/maeve"
)
FAMILY_STARTS = _names(
    "Ash/ash,Bár/bar,Cal/cal,Dúr/dur,Fen/fen,Gar/gar,Hól/hol,Kel/kel,Lang/lang,Nør/nor,O'Fal/ofal,Pem/pem,"
    "Räd/rad,Sal/sal,Thorn/thorn,Te-Wai/tewai,De La Fu/delafu,Ó Nei/onei,Vås/vas,Yar/yar,Zam/zam"
)
FAMILY_MIDDLES = ("a", "be", "con", "di", "el", "fi", "gra", "hu", "lo", "mi")
FAMILY_ENDS = ("by", "cott", "dale", "field", "gate", "ham", "key", "mond", "port", "stone", "ton", "wick")
ELSEWHERE = (
    *(("Дмитрий", "Соколов"), ("ليلى", "حداد"), ("小明", "王"), ("민준", "김"), ("Ελένη", "Παπαδοπούλου")),
    *(("さくら", "鈴木"), ("नेहा", "शर्मा"), ("דוד", "לוי")),
)
"""Given and family names that no Latin letter is in."""


@dataclass
class Pupil:
    """A student as the SIS tells it; `base` is initial and family name in plain letters."""

    code: str
    given: str
    family: str
    base: str
    year: int
    preferred: str = ""
    campus: str = "North"
    status: str = "active"
    email: str = ""
    login: str = ""
    entry_year: int = 0
    year_word: str = ""

    @property
    def cohort(self) -> int:
        """The year of finishing Year 12."""
        return SCHOOL_YEAR + 12 - self.year

    def row(self) -> dict[str, str]:
        """The line of the export."""
        return {
            "sis_code": self.code,
            "given_names": self.given,
            "family_name": self.family,
            "preferred_name": self.preferred,
            "year_level": self.year_word or str(self.year),
            "campus": self.campus,
            "status": self.status,
            "email": self.email,
            "network_login": self.login,
            "entry_date": f"{self.entry_year}-01-27",
        }


def crowd(count: int, code: str, draw: random.Random, *, latin: bool) -> list[Pupil]:
    """So many students; no two have the same initial and family name, nor the same given and family name.

    `code` is a pattern such as `S{:05d}`; without `latin` a tenth has names that no Latin letter is in.
    """
    taken: set[str] = set()
    found: list[Pupil] = []
    while len(found) < count:
        given, start = draw.choice(GIVEN), draw.choice(FAMILY_STARTS)
        rest = draw.choice(FAMILY_MIDDLES) + draw.choice(FAMILY_ENDS)
        base = given.letters[0] + start.letters + rest
        if base in taken:
            continue
        taken.add(base)
        number = len(found)
        year = 1 + draw.randrange(12)
        pupil = Pupil(code.format(100 + 7 * number + draw.randrange(7)), given.text, start.text + rest, base, year)
        if not latin and draw.random() < 0.1:
            pupil.given, pupil.family = draw.choice(ELSEWHERE)
            pupil.family += f"-{rest}{number}"
        pupil.campus = "North" if year > 6 else "South"
        pupil.email = f"{pupil.code.lower()}@students.example"
        pupil.entry_year = SCHOOL_YEAR - draw.randrange(year)
        if draw.random() < 0.1:
            pupil.preferred = pupil.given[:2] + "ry"
        found.append(pupil)
    return found
