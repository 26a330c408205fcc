"""Invented students as a CSV export, for measuring: any number of rows, the same bytes every time."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

HEADER = (
    "sis_code",
    "given_names",
    "middle_name",
    "family_name",
    "preferred_name",
    "year_level",
    "campus",
    "status",
    "email",
    "homegroup",
    "entry_date",
    "exit_date",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN_STARTS = _words("A Be Cal Da El Fi Ga Har Is Jo Ka Le Ma Ni Oli Pri Ro Søn Ta Una Vi Wil Xa Zo")
GIVEN_ENDS = _words("la na ren vin mia sha den lys ra né than bel")
FAMILY_STARTS = _words(
    "Ash Bar Cal Dun East Fen Gar Hol Ing Jar Kel Lang Mor Nor Oak Pem Quin Rad Sal Thorn Up Vas Wet Yar Zam "
    "Bjør Łu Nguy Al-Ha O'Ke"
)
FAMILY_MIDDLES = _words("a be con de el fi gra hi in lo")
FAMILY_ENDS = _words("by cott dale ey field gate ham key ley mond nell port ridge stone ton wick")
MIDDLES = ("", "", "James", "Rose", "Lee", "Ann", "Minh", "Grace", "Noor", "Tui")
YEARS = ("P", *(str(n) for n in range(1, 13)))


def write(path: Path, rows: int, *, changed: bool = False) -> None:
    """Write `rows` students in the order of their codes; `changed` gives every hundredth another preferred name."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(_students(rows, changed=changed))


def _students(rows: int, *, changed: bool) -> Iterator[tuple[str, ...]]:
    draw = random.Random(2026).random
    for n in range(rows):
        given = GIVEN_STARTS[int(draw() * len(GIVEN_STARTS))] + GIVEN_ENDS[int(draw() * len(GIVEN_ENDS))]
        start = FAMILY_STARTS[int(draw() ** 2 * len(FAMILY_STARTS))]  # squared: some families are large
        middle = FAMILY_MIDDLES[int(draw() * len(FAMILY_MIDDLES))]
        family = start + middle + FAMILY_ENDS[int(draw() ** 2 * len(FAMILY_ENDS))]
        year = int(draw() * len(YEARS))
        mail = f"{given}.{family}.{n}@riverside.example".encode("ascii", "ignore").decode().lower()
        preferred = f"{given[:3]}y" if changed and n % 100 == 0 else ""
        second = MIDDLES[int(draw() * len(MIDDLES))]
        campus = "SC" if year > 6 else "JC"
        homegroup = f"{YEARS[year]}{'ABCDEF'[n % 6]}"
        entry = f"{2026 - year}-01-27"
        yield f"{n:07d}", given, second, family, preferred, YEARS[year], campus, "Active", mail, homegroup, entry, ""
