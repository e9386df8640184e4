"""How personal data looks: by the name of its column, by the form of its values, by their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MOST_VALUES = 2_000
"""Different values of a column that are looked at."""


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One sort of personal data.

    A column is of this sort when at least `share` of its values, and at least `fewest` different ones, fulfil `fits`;
    `named` columns need only `named_share`, and without `named` a column must stand on its values alone. `anywhere`:
    a value that merely holds one counts, and few rows are enough.
    """

    key: str
    words: str
    fits: Callable[[str], bool]
    share: float = 0.5
    fewest: int = 5
    named: re.Pattern[str] | None = None
    named_share: float | None = None
    only_named: bool = False
    anywhere: bool = False


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_card(value: str) -> bool:
    """A payment card: 13 to 19 digits that begin as cards do, with a right check digit."""
    digits = re.sub(r"[ -]", "", value)
    return bool(re.fullmatch(r"[2-6]\d{12,18}", digits)) and len(set(digits)) > 2 and luhn(digits)


def is_iban(value: str) -> bool:
    """A bank account by ISO 13616: country, check digits, account; the whole is 1 modulo 97."""
    plain = value.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_us_number(value: str) -> bool:
    """A US social security number, written with dashes, of an area, group and serial that are given out."""
    return bool(re.fullmatch(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", value.strip()))


def is_uk_number(value: str) -> bool:
    """A UK national insurance number."""
    plain = value.replace(" ", "").upper()
    allowed = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]"
    return bool(re.fullmatch(allowed, plain))


def is_german_number(value: str) -> bool:
    """A German tax identification number: eleven digits, ISO 7064 MOD 11,10."""
    plain = value.replace(" ", "")
    if not re.fullmatch(r"[1-9]\d{10}", plain) or len(set(plain[:10])) not in (8, 9):
        return False
    rest = 10
    for digit in plain[:10]:
        total = (int(digit) + rest) % 10 or 10
        rest = 2 * total % 11
    return (11 - rest) % 10 == int(plain[10])


def is_french_number(value: str) -> bool:
    """A French social security number: 13 digits with sex, year and month of birth, and 97 minus their remainder."""
    plain = value.replace(" ", "").upper()
    if not re.fullmatch(r"[12]\d{2}(0[1-9]|1[0-2]|[2-9]\d)(\d{2}|2A|2B)\d{8}", plain):
        return False
    digits = plain.replace("2A", "19").replace("2B", "18")
    return int(digits[13:]) == 97 - int(digits[:13]) % 97


def is_phone(value: str) -> bool:
    """A telephone number as people write it: with a plus sign, or grouped in the American way."""
    plain = value.strip()
    grouped = re.fullmatch(r"(\+?1[ .-]?)?(\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}( ?x\d+)?", plain)
    abroad = re.fullmatch(r"(\+|00)[1-9]\d{0,2}[ \d()/.-]{6,18}", plain) and 8 <= _digits(plain) <= 15
    return bool(grouped or abroad)


def is_dialled(value: str) -> bool:
    """Anything one could dial, for a column that is called a telephone number."""
    return bool(re.fullmatch(r"[+\d][\d ()/.x-]{5,22}", value.strip())) and 6 <= _digits(value) <= 15


def is_person(value: str) -> bool:
    """Words that are written like the name of a person, one of them a frequent given name."""
    words = re.findall(r"[^\W\d_]+", value)
    return 2 <= len(words) <= 7 and value[:1].isupper() and any(word.casefold() in GIVEN for word in words[:4])


def is_name(value: str) -> bool:
    """Anything that could be a name, for a column that is called one."""
    return bool(re.fullmatch(r"[^\W\d_][^\d_@]{1,60}", value.strip()))


def is_street(value: str) -> bool:
    """A street with a number."""
    return bool(re.search(r"\d", value)) and len(re.findall(r"[^\W\d_]{2,}", value)) >= 1 and "@" not in value


def is_network_address(value: str) -> bool:
    """An address of the internet, version 4, that is written in full."""
    parts = value.strip().split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts) and len(value) >= 9


def _digits(value: str) -> int:
    return sum(character.isdigit() for character in value)


_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")

_GIVEN = """james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony
mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan
jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank
alexander raymond patrick jack dennis jerry mary patricia jennifer linda elizabeth barbara susan jessica
sarah karen nancy lisa betty margaret sandra ashley kimberly emily donna michelle dorothy carol amanda
melissa deborah stephanie rebecca laura sharon cynthia kathleen amy angela shirley anna brenda pamela emma
nicole helen samantha katherine christine rachel carolyn janet catherine maria heather diane ruth julie
olivia joyce virginia alice peter henry arthur harry oliver simon martin hans klaus jürgen wolfgang stefan
andreas sabine monika petra ursula claudia birgit jean pierre michel philippe alain marie nathalie isabelle
sylvie françois luc jose juan antonio carlos luis jorge pedro manuel francisco carmen ana rosa marco
giuseppe giovanni luca paolo giulia chiara francesca mohamed ahmed ali omar fatima ivan sergey dmitry olga
natalia elena wei ming yuki hiroshi priya raj amit anil"""
GIVEN = frozenset(_GIVEN.split())
"""Frequent given names of several languages, in small letters."""

PATTERNS: Sequence[Pattern] = (
    Pattern(
        key="email", words="e-mail addresses", fits=lambda value: bool(_EMAIL.search(value)), share=0.01, fewest=3,
        anywhere=True,
    ),
    Pattern(key="card", words="payment card numbers", fits=is_card, share=0.95, fewest=10),
    Pattern(key="iban", words="bank accounts (IBAN)", fits=is_iban, share=0.5, fewest=3),
    Pattern(key="us_number", words="US social security numbers", fits=is_us_number, share=0.8),
    Pattern(key="uk_number", words="UK national insurance numbers", fits=is_uk_number, share=0.8),
    Pattern(key="german_number", words="German tax numbers", fits=is_german_number, share=0.95, fewest=10),
    Pattern(key="french_number", words="French social security numbers", fits=is_french_number, share=0.9),
    Pattern(key="phone", words="telephone numbers", fits=is_phone, share=0.7, fewest=10),
    Pattern(
        key="phone", words="telephone numbers", fits=is_dialled, only_named=True,
        named=re.compile(r"(^|[^a-z])(tele)?(phone|mobile|fax|telefon|handy|tel)(n|no|nr|num|number)?([^a-z]|$)", re.I),
        share=0.7,
    ),
    Pattern(
        key="name", words="names of persons", fits=is_name, only_named=True, share=0.8, fewest=10,
        named=re.compile(
            r"(^|[^a-z])(first|last|sur|family|given|middle|full|maiden|patient|employee|person|contact)[ _.-]?names?$|"
            r"^(surname|lastname|firstname|fullname|forename|vorname|nachname|familienname|pr[eé]nom|apellidos?|cognome)s?$",
            re.I,
        ),
    ),
    Pattern(key="name", words="names of persons", fits=is_person, share=0.45, fewest=15),
    Pattern(
        key="street", words="street addresses", fits=is_street, only_named=True, share=0.7, fewest=10,
        named=re.compile(r"(^|[^a-z])(street|address|adresse|stra(ss|ß)e|anschrift|addr)([^a-z]|$|_?line)", re.I),
    ),
    Pattern(key="network", words="internet addresses", fits=is_network_address, share=0.95, fewest=10),
)  # fmt: skip
"""In the order in which they are tried; the first that fits is told."""
