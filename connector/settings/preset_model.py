"""The keys of a SIS preset, and the columns and status words that connector.toml may say over it."""

from typing import Literal

from connector.settings.tables import Table, option, section
from connector.settings.value_kinds import (
    DateFormats,
    Days,
    Encoding,
    Headers,
    StatusWords,
    WordList,
    Words,
)


class ColumnsTable(Table):
    """Which column of the export holds which field: a header, or several of which the first that is there counts.

    These stand over the preset's columns; "" says that the export has no such column.
    """

    sis_code: Headers | None = option("The student's SIS code, the key of everything.", '"StudentCode"', default=None)
    given_names: Headers | None = option("The legal given names.", '"FirstName"', default=None)
    family_name: Headers | None = option("The legal family name.", '"Surname"', default=None)
    middle_name: Headers | None = option("The middle name or names.", '"SecondName"', default=None)
    preferred_name: Headers | None = option("The given name the student goes by.", '"PreferredName"', default=None)
    preferred_family_name: Headers | None = option(
        "The family name the student goes by.", '"PreferredSurname"', default=None
    )
    year_level: Headers | None = option("The year level.", '"YearLevel"', default=None)
    campus: Headers | None = option("The campus; several in one cell are parted by ; or |.", '"Campus"', default=None)
    status: Headers | None = option(
        "The enrolment status; its words are read by [sis.status].", '"Status"', default=None
    )
    email: Headers | None = option("The e-mail address.", '"Email"', default=None)
    network_login: Headers | None = option("The network login as the SIS knows it.", '"NetworkLogin"', default=None)
    homegroup: Headers | None = option("The home group, roll class or form.", '"HomeGroup"', default=None)
    house: Headers | None = option("The house.", '"House"', default=None)
    entry_date: Headers | None = option("The first day at the school.", '"EntryDate"', default=None)
    exit_date: Headers | None = option("The last day at the school.", '"ExitDate"', default=None)
    flags: Headers | None = option(
        "Columns with yes or no; their headers are the flags.", '["Boarder"]', default=None
    )
    classes: Headers | None = option("The class codes, parted by ; or |.", '"Classes"', default=None)
    enabled: Headers | None = option(
        "A yes or no column; no makes a student inactive where status and dates say nothing else.",
        '"Active"',
        default=None,
    )


class StatusTable(Table):
    """The words of the status column; a word in no list is "unknown", which archives nobody.

    These stand over the preset's words; letter case does not matter, "" is a blank cell.
    """

    active: StatusWords | None = option("Words that mean the student is here.", '["A", "Active"]', default=None)
    future: StatusWords | None = option(
        "Words that mean the student is yet to come.", '["F", "Future"]', default=None
    )
    inactive: StatusWords | None = option("Words that mean enrolled but away.", '["I", "On leave"]', default=None)
    left: StatusWords | None = option("Words that mean the student has left.", '["L", "Left"]', default=None)


class FolderTable(Table):
    """Which file of a folder has one row a student."""

    main: Words = option("The file's name, or several of which the first that is there counts.", '"users.csv"')


class JoinTable(Table):
    """A further file of the folder, looked up for each student."""

    name: str = option("What its columns are called by: NAME.HEADER.", '"roles"', min_length=1)
    file: Words = option("The file's name or names.", '"roles.csv"')
    key: Words = option("The column of this file that is looked up, or its names.", '"userSourcedId"')
    on: Words = option("The column it is looked up by, or its names.", '"sourcedId"')
    where: dict[str, Words] = option("Only rows with one of these words count.", '{ role = ["student"] }', default={})
    first: dict[str, Words] = option(
        "Rows with one of these words come first.", '{ isPrimary = ["true"] }', default={}
    )
    window: WordList = option("The columns of the first and the last day.", '["beginDate", "endDate"]', default=())
    split: str = option("The sign that parts several keys in one cell.", '","', default="")
    only: bool = option("Whether a row without a match is no student.", "true", default=False)
    required: bool = option("Whether the folder must have this file.", "false", default=True)


class PresetFile(Table):
    """A SIS preset."""

    reader: Literal["csv", "oneroster", "oneroster-rest", "sql"] = option(
        "The reader it is for.", '"csv"', default="csv"
    )
    date_formats: DateFormats | None = option("How dates are written.", '["%d/%m/%Y"]', default=None)
    null_dates: Days | None = option("Dates that mean there is none.", '["1900-01-01"]', default=None)
    html_unescape: bool | None = option("Whether names hold HTML.", "true", default=None)
    encoding_fallback: Encoding | None = option(
        "The encoding of an export that is not UTF-8.", '"cp1252"', default=None
    )
    sis_code_from: Literal["auto", "identifier", "sourcedId"] | None = option(
        "OneRoster: which field is the SIS code.", '"identifier"', default=None
    )
    columns: ColumnsTable = section(ColumnsTable)
    optional: ColumnsTable = section(ColumnsTable)
    status: StatusTable = section(StatusTable)
    where: dict[str, Words] = option(
        "Only rows with one of these words are students.", '{ role = ["student"] }', default={}
    )
    folder: FolderTable | None = option(
        "Which file of a folder has one row a student.", '{ main = "users.csv" }', default=None
    )
    join: list[JoinTable] = option(
        "Further files of the folder.", '[{ name = "roles", file = "roles.csv" }]', default=[]
    )
