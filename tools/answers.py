"""docs/reference/answers.md: which words are answers, where, and whom nobody asks."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from mappings.answered import CODES
from mappings.asked import ASKED, NEVER_REFUSED, NOT_ASKED, PEOPLE, REFUSED_WORDS, UNKNOWN_WORDS

WORDS = Path(__file__).with_name("answers.md")


def answers_page(made: str) -> str:
    """Return the page. Given: the line that says where it comes from."""
    return WORDS.read_text(encoding="utf-8").format(
        made=made,
        words=_rows((("refused", _quoted(REFUSED_WORDS)), ("asked, not known", _quoted(UNKNOWN_WORDS)))),
        codes=_rows((f"`{name}`", *map(_code, codes)) for name, codes in CODES.items()),
        asked=_rows([*_of_people(), *_of_others()]),
        never_refused=_rows((f"`{field}`", why) for field, why in NEVER_REFUSED.items()),
        not_asked=_rows((_fields(entities), reason) for reason, entities in NOT_ASKED.items()),
    )


def _of_people() -> list[tuple[str, str]]:
    return [(f"`{entity}`: every field but references", "the person") for entity in PEOPLE]


def _of_others() -> list[tuple[str, str]]:
    return [
        (_fields({entity: fields}), who) for entity, asked in ASKED.items() for who, fields in asked.items()
    ]


def _fields(entities: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"`{entity}`: {', '.join(fields)}" for entity, fields in entities.items())


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _code(code: str | None) -> str:
    return f"`{code}`" if code else ""


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
