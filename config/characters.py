"""Characters that no declared file may hold as they are: those that are not seen, or not what they seem."""

import re
import unicodedata
from collections.abc import Iterator

ODD_ASCII = re.compile(r"[\x00-\x08\t\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# Not seen either, though Unicode counts them as letters, marks or symbols; the last stands for lost bytes.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffd")
VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
WORD = re.compile(r"\w+")
PLAIN = bytes([0x0A, *range(0x20, 0x7F)])
"""What every text may hold."""
PRINTED = frozenset({"and", "approved", "full", "it", "name", "of", "person", "post", "role", "who", "your"})
LONGEST_SHOWN = 200
VERY_LONG = re.compile(rf"\S{{{LONGEST_SHOWN + 1},}}")


def odd_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line that holds an odd character, and which the first one there is."""
    rare = set(text.encode("utf-8", "surrogatepass").translate(None, PLAIN).decode("utf-8", "surrogatepass"))
    odd = [re.escape(character) for character in rare if _is_odd(character)]
    if not odd and not any(map(str.isascii, rare)):
        return
    search = re.compile("|".join([ODD_ASCII.pattern, *odd]))
    line, start, told = 1, 0, 0
    for found in search.finditer(text):
        line += text.count("\n", start, found.start())
        start = found.start()
        if line != told:
            yield line, name_of(found[0])
        told = line


def _is_odd(character: str) -> bool:
    if character.isascii():
        return False
    return (
        unicodedata.category(character) in UNSEEN
        or character in BLANKS
        or VARIATION.match(character) is not None
    )


def name_of(character: str) -> str:
    """Return the character's number and its name in Unicode, as U+0430 CYRILLIC SMALL LETTER A."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '(a control character)')}"


def holds_control(text: str) -> bool:
    """Return whether an escape has put a control character into the text; tab and newline are none here."""
    return CONTROL.search(text) is not None


def mixes_alphabets(text: str) -> bool:
    """Return whether a word has Latin letters beside others, so that it may not be what it seems."""
    return not text.isascii() and any({"LATIN"} < set(_alphabets(word)) for word in WORD.findall(text))


def _alphabets(word: str) -> Iterator[str]:
    """Yield the alphabet of each letter: the first word of its name."""
    for letter in word:
        if letter.isalpha() and not unicodedata.category(letter).startswith("Lm"):
            yield unicodedata.name(letter, "UNKNOWN").split()[0]


def foreign_letters(word: str) -> str:
    """Return, for a word that is not ASCII, the names of its letters that are not, else nothing."""
    letters = dict.fromkeys(letter for letter in word if not letter.isascii())
    told = ", ".join(map(name_of, list(letters)[:3]))
    return f" It holds {told}." if told else ""


def escaped(text: str) -> str:
    """Return the text fit for a terminal: what is not printable as an escape."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else f"\\u{ord(letter):04x}" for letter in text
    )


def shown(text: str) -> str:
    """Return the text fit for a terminal, its very long words cut."""
    return VERY_LONG.sub(lambda word: f"{word[0][:LONGEST_SHOWN]}…", escaped(text))


def is_placeholder(name: str) -> bool:
    """Return whether what should name somebody is only the words that our own pages print in that place."""
    return set(WORD.findall(name.casefold())) <= PRINTED
