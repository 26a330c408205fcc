"""People whose names are meant to do harm, in every source of the sample school, and what would show that they do."""

import base64
import csv
import io
import json
import re
import zipfile
from itertools import cycle
from pathlib import Path

from playwright.sync_api import Page

TAG = "hostile-x"
"""The element that some names would be, if any page took them for markup."""
NAMES = (
    f"<{TAG}>Ann</{TAG}>",
    "<script>window.harmed = 1; alert(1)</script>",
    f'"><img src=x onerror="window.harmed = 1"><{TAG}>',
    "' onmouseover='window.harmed = 1' autofocus onfocus='window.harmed = 1",
    f"</title></textarea></noscript></style>--><svg onload=alert(1)><{TAG}>",
    "{{ 7 * 7 }}{% raise %}${7*7}#{7*7}",
    "=cmd|' /C calc'!A0",
    "+1;=HYPERLINK(0);-2",
    "@SUM(1+1)",
    "\tAnn",
    "Ann\u202egnp.exe",
    "\u2067Ann\u2066\u200b\u00ad\ufeffBo",
    "ليلى بنت محمد",
    "שָׁלוֹם כּהן",
    "Z" + "\u0315\u0348\u036f" * 40 + "oe",
    "ﷺ" * 12,
    "W" * 10_000,
    "Ann " * 2_500,
    'O\'Brien \\ "Bo" ` %00 &lt;b&gt; &amp;',
    "Ann\nMarie\r\nBo",
    "Ann\x00\x07\x1b[2J\x9bBo",
    "../../etc/passwd?said=saved#why",
    "javascript:alert(1)",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 Ann",
)
OFTEN = 2
"""Every so manyeth student gets such a name."""

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_FORMULA = re.compile(r"[=+\-@\t\r]")


def poison(school: Path) -> None:
    """Give the people of a sample school such names, the same in its SIS and its directory where they are in both."""
    toml = school / "connector.toml"
    toml.write_text(toml.read_text().replace('"Riverside College"', f'"<{TAG}>River</{TAG}> \\u202e\\" onload=x"'))
    archive = school / "oneroster.zip"
    with zipfile.ZipFile(archive) as opened:
        files = {name: opened.read(name).decode() for name in opened.namelist()}
    files["users.csv"] = _students(files["users.csv"])
    files["orgs.csv"] = files["orgs.csv"].replace("Senior", f"Senior <{TAG}> \u202e =1").replace("Junior", "W" * 300)
    with zipfile.ZipFile(archive, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    directory = school / "directory.ldif"
    directory.write_text("\n\n".join(map(_entry, directory.read_text().split("\n\n"))))


def _name(code: str) -> str:
    """The name of whoever has that code, "" for most."""
    number = int(code) if code.isdecimal() else 1
    return "" if number % OFTEN else NAMES[number // OFTEN % len(NAMES)]


def _students(text: str) -> str:
    rows = list(csv.DictReader(io.StringIO(text)))
    codes = cycle(NAMES)
    for row in rows:
        name = _name(row["identifier"]).replace("\0", "")  # an export with that sign is refused whole
        if name:
            row |= {"givenName": name, "familyName": name[::-1] if name.isalpha() else name, "preferredGivenName": ""}
            row |= {"email": f"{name[:60]}@riverside.example", "middleName": name[:80]}
    for number, row in enumerate(rows[-40::2]):
        row |= {"identifier": f"{number}{next(codes)[:90]}".replace("\0", "")}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _entry(record: str) -> str:
    """One record of LDIF with another name, and some with another login and place."""
    found = re.search(r"(?m)^employeeID: (\d+)$", record)
    name = _name(found[1]) if found else ""
    if not name:
        return record
    values = {"givenName": name, "sn": name, "displayName": f"{name} {name}", "mail": f"{name}@riverside.example"}
    if int(found[1]) % (3 * OFTEN) == 0:
        values |= {"sAMAccountName": f"{found[1]}{name[:200]}"}
        values |= {"dn": "CN=" + re.sub(r'([,+"\\<>;=#\x00\r\n])', _escaped, name[:200]) + f" {found[1]},OU=Students"}
        values["dn"] += ",DC=riverside,DC=example"
    for key, value in values.items():
        line = f"{key}:: {base64.b64encode(value.encode()).decode()}"
        record = re.sub(rf"(?m)^{key}::? .*(\n .*)*$", line, record, count=1)
    return record


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{ord(sign[0]):02x}"


def faults(page: Page) -> list[str]:
    """What shows that a name has done something on the page: was markup, ran, or hides what it is."""
    found: list[str] = page.evaluate(
        """tag => [
          window.harmed && "a script ran",
          document.querySelector(tag) && "a name became an element",
          document.querySelector("main img, main script, main style, main iframe") && "something strange in the page",
          ...[...document.querySelectorAll("*")].flatMap((one) => [...one.attributes]
            .filter(({ name, value }) => name.startsWith("on") || /^\\s*javascript:/i.test(value) && name === "href")
            .map(({ name, value }) => `the attribute ${name}=${value}`)),
        ].filter(Boolean)""",
        TAG,
    )
    unseen = _UNSEEN.search(page.content())
    return [*found, *([f"{unseen[0]!r} is in the page"] if unseen else [])]


def file_faults(form: str, data: bytes) -> list[str]:
    """What is dangerous in a file that was downloaded."""
    if form == "csv":
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        cells = [part for row in rows for cell in row for part in (cell, *cell.split(";"))]
    elif form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
            return [f"{name} holds a formula" for name in sheets if re.search(rb"<f[ >/]", book.read(name))]
    elif form == "json":
        json.loads(data)
        unseen = _UNSEEN.search(data.decode())
        return [f"{unseen[0]!r} is in the file"] if unseen else []
    else:
        return []
    return [f"a cell begins as a formula: {cell[:40]!r}" for cell in cells if _FORMULA.match(cell)]
