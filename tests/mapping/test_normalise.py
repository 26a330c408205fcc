import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.errors import ConfigError
from connector.domain.ruleset import Normalisation
from connector.mapping.normalise import LOCALES, Normaliser, _run

NAMES = Normaliser(Normalisation())


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        ("Smith", "smith"),
        ("Ｓmith", "smith"),  # full width, by NFKC
        ("Sm\u200bi\u00adth", "smith"),  # zero-width space and soft hyphen
        ("\u202eSmith\u202c", "smith"),  # bidirectional controls
        ("Smith 💥❤️", "smith"),  # emoji would become words
        ("Smith\x00\x07", "smith"),
        ("Smi\ud800th", "smith"),  # half a surrogate pair
        ("İpek", "ipek"),
        ("Yıldız", "yildiz"),
        ("Þórsdóttir", "thorsdottir"),
        ("Guðrún", "gudrun"),
        ("Đặng", "dang"),
        ("Łukasz", "lukasz"),
        ("Größe", "grosse"),
        ("GROẞE", "grosse"),
        ("Sørensen", "sorensen"),
        ("Æsir", "aesir"),
        ("Müller", "muller"),
        ("Mu\u0308ller", "muller"),
        ("ﬁsher", "fisher"),
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("O‘Brien", "obrien"),
        ("O`Brien", "obrien"),
        ("O´Brien", "obrien"),
        ("Oʼbrien", "obrien"),
        ("Kaʻiulani", "kaiulani"),
        ("St. John", "stjohn"),
        ("van der Berg", "vanderberg"),
        ("Garcia\u00a0Lopez", "garcialopez"),
        ("Smith-Jones", "smithjones"),
        ("Smith \u2013 Jones", "smithjones"),
        ("Gal·la", "galla"),
        ("Smith, Jr.", "smithjr"),
        ("Smith2", "smith2"),
        ("💥", ""),
        ("-", ""),
        ("", ""),
        ("'; DROP TABLE users;--", "droptableusers"),
    ],
)
def test_family_names(written: str, letters: str) -> None:
    """A family name becomes the letters a username may hold, whatever signs it is written with."""
    assert letters == NAMES.family(written)


@pytest.mark.parametrize(
    ("written", "first", "joined"),
    [
        ("Amelia", "amelia", "amelia"),
        ("Mary Anne", "mary", "maryanne"),
        ("Anne-Marie", "annemarie", "annemarie"),
        ("Anne-Marie Louise", "annemarie", "annemarielouise"),
        ("D´Arcy", "darcy", "darcy"),
        ("💥 Anne", "anne", "anne"),
        ("- Anne", "anne", "anne"),
        ("J.R. Ewing", "jr", "jrewing"),
        ("William (Bill)", "william", "williambill"),
    ],
)
def test_several_given_names(written: str, first: str, joined: str) -> None:
    """Of several given names the first counts, or all do; a hyphenated one is one."""
    join = Normaliser(Normalisation(multi_given="join"))
    assert (first, joined) == (NAMES.given(written), join.given(written))


@pytest.mark.parametrize(
    ("written", "remove", "keep", "first", "last"),
    [
        ("Smith-Jones", "smithjones", "smith-jones", "smith", "jones"),
        ("Smith - Jones", "smithjones", "smith-jones", "smith", "jones"),
        ("Smith--Jones", "smithjones", "smith-jones", "smith", "jones"),
        ("-Smith-", "smith", "smith", "smith", "smith"),
        ("van Berg-Smith", "vanbergsmith", "vanberg-smith", "vanberg", "smith"),
        ("Smith", "smith", "smith", "smith", "smith"),
        ("--", "", "", "", ""),
    ],
)
def test_hyphens(written: str, remove: str, keep: str, first: str, last: str) -> None:
    """A hyphen is removed, kept, or parts the name into one that counts and one that does not."""
    found = [
        Normaliser(Normalisation(hyphen=option)).family(written) for option in ("remove", "keep", "first", "last")
    ]
    assert [remove, keep, first, last] == found


@pytest.mark.parametrize(
    ("written", "join", "drop"),
    [
        ("van der Berg", "vanderberg", "berg"),
        ("Van Der Berg", "vanderberg", "berg"),
        ("de la Cruz Garcia", "delacruzgarcia", "cruzgarcia"),
        ("Do", "do", "do"),
        ("Van", "van", "van"),
        ("Van Do", "vando", "do"),
        ("O Brien", "obrien", "brien"),
        ("Vandenberg", "vandenberg", "vandenberg"),
    ],
)
def test_particles(written: str, join: str, drop: str) -> None:
    """Particles are joined to the family name or dropped, but the last word always stays."""
    found = [
        Normaliser(Normalisation(particles=option)).family(written)
        for option in ("join", "keep_space_removed", "drop")
    ]
    assert [join, join, drop] == found


@pytest.mark.parametrize(
    ("locale", "written", "letters"),
    [
        ("", "Jäger Åström Øster Æsir", "jagerastromosteraesir"),
        ("de", "Jäger", "jaeger"),
        ("de", "JÄGER", "jaeger"),
        ("de", "Weiß", "weiss"),
        ("de", "Ja\u0308ger", "jaeger"),
        ("da", "Åse Øster Æsir", "aaseoesteraesir"),
        ("nb", "Ødegård", "oedegaard"),
        ("sv", "Åström", "aastroem"),
    ],
)
def test_locales(locale: str, written: str, letters: str) -> None:
    """A language's own habit decides how its letters are written; left out, marks just go."""
    assert letters == Normaliser(Normalisation(transliteration=locale)).family(written)


def test_configured_pairs() -> None:
    """A school's own pairs stand over the language's, the first of them wins, and they may name plain letters."""
    table = (("sch", "sh"), ("sc", "x"), ("ä", "a"))
    names = Normaliser(Normalisation(transliteration="de", table=table))
    assert [names.family(n) for n in ("Schmäler", "Scott", "Jäger", "Müller")] == [
        "shmaler",
        "xott",
        "jager",
        "mueller",
    ]


def test_a_table_can_make_an_alphabet_readable() -> None:
    """A name in another alphabet is no fault once the table replaces all its letters."""
    names = Normaliser(Normalisation(table=(("и", "i"), ("в", "v"), ("а", "a"), ("н", "n"))))
    assert (
        names.given("Иван"),
        names.fault("Иван"),
        getattr(names.fault("Жан"), "reason", None),
    ) == ("ivan", None, "non-latin-name")


@pytest.mark.parametrize(
    ("policy", "written", "reason"),
    [
        ("skip", "Amelia", None),
        ("skip", "Zoë", None),
        ("skip", "Иван", "non-latin-name"),
        ("code", "Иван", "non-latin-name"),
        ("transliterate", "Иван", None),
        ("skip", "\u0410lice", "confusable-name"),
        ("transliterate", "\u0410lice", "confusable-name"),
        ("skip", "\u0410lice Иван", "non-latin-name"),
        ("skip", "A\u200blice", None),
    ],
)
def test_names_that_cannot_be_read(policy: str, written: str, reason: str | None) -> None:
    """Other alphabets need a decision of the school; look-alike letters in one word always stop."""
    fault = Normaliser(Normalisation(non_latin=policy)).fault(written)
    assert reason == (fault.reason if fault else None)


def test_a_fault_does_not_repeat_the_name() -> None:
    """What is said of an unreadable name can be shown and logged without it."""
    fault = NAMES.fault("Иван")
    assert fault is not None
    assert "Cyrillic" in fault.detail
    assert "Иван" not in fault.detail


def test_transliterated_names() -> None:
    """With the policy to transliterate, letters are guessed."""
    names = Normaliser(Normalisation(non_latin="transliterate"))
    assert [names.given(name) for name in ("Иван", "Γιώργος", "율리")] == ["ivan", "giorgos", "yulli"]


def test_kept_case() -> None:
    """Capitals stay where they are asked for, also in letters that become two."""
    names = Normaliser(Normalisation(transliteration="de"), keep_case=True)
    assert [names.family(name) for name in ("McDonald", "O'Brien", "Özil", "İPEK")] == [
        "McDonald",
        "OBrien",
        "Oezil",
        "IPEK",
    ]


@pytest.mark.parametrize(("specials", "letters"), [("._", "a_b"), (".", "ab"), ("", "ab")])
def test_specials_inside_a_name(specials: str, letters: str) -> None:
    """A sign that usernames may hold stays inside a name, never at an end or twice."""
    assert letters == Normaliser(Normalisation(specials=specials)).family("_a__b_")


def test_codes_keep_their_signs() -> None:
    """What is not a name keeps dots, hyphens and underscores."""
    assert NAMES.squeeze(NAMES.code_words("Amelia_Smith-7.b+x@").removesuffix("x")) == "amelia_smith-7.b"


@pytest.mark.parametrize("option", ["transliteration", "non_latin", "hyphen", "particles", "multi_given"])
def test_unknown_options(option: str) -> None:
    """An option nobody knows stops at once and names what is known."""
    with pytest.raises(ConfigError, match=rf'{option} = "xx" is unknown: use one of \w+'):
        Normaliser(Normalisation(**{option: "xx"}))


def test_the_trace_names_each_change() -> None:
    """An explanation shows every step that changed the name, in order."""
    assert list(NAMES.trace_given("Zo\u200bë Ann")) == [
        ("signs and invisible characters dropped", "Zoë Ann"),
        ("lower case", "zoë ann"),
        ("written in ASCII", "zoe ann"),
        ("first of several given names", "zoe"),
    ]


@given(
    st.text(st.characters(codec="ascii", categories=["L"])),
    st.sampled_from(list(LOCALES)),
    st.sampled_from(["remove", "keep", "first", "last"]),
    st.booleans(),
)
def test_the_quick_way_changes_nothing(text: str, locale: str, hyphen: str, keep_case: bool) -> None:
    """A plain ASCII name gives the same letters without going through the steps."""
    names = Normaliser(Normalisation(transliteration=locale, hyphen=hyphen, particles="drop"), keep_case=keep_case)
    assert [_run(names._given, text), _run(names._family, text)] == [names.given(text), names.family(text)]


@given(st.text(), st.sampled_from(["remove", "keep", "first", "last"]), st.sampled_from(["", "._-", "_"]))
def test_only_safe_letters_come_out(text: str, hyphen: str, specials: str) -> None:
    """Whatever is written, only lower-case letters, digits and single signs inside come out."""
    names = Normaliser(Normalisation(hyphen=hyphen, specials=specials))
    for letters in (names.given(text), names.family(text)):
        assert letters.isascii()
        assert letters == letters.lower()
        assert all(char.isalnum() or char in "_-" for char in letters)
        assert not letters or (letters[0].isalnum() and letters[-1].isalnum())


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """A family name that was normalised is its own normal form."""
    once = NAMES.family(text)
    assert once == NAMES.family(once)
