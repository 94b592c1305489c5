"""One field of a mapping, held against what the field is: its converter fits, its codes are ours."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from canonical import Kind, code_lists, codes, spec
from config.documents import suggest
from config.paths import misplaced
from mappings.dates import DateFormat, read_format
from mappings.lookup_files import read_words
from mappings.model import FieldMapping
from mappings.splitters import Splitter, splitter
from mappings.words import normal_word

FITS: dict[str, frozenset[Kind]] = {
    "text": frozenset({Kind.TEXT}),
    "date": frozenset({Kind.DATE}),
    "instant": frozenset({Kind.INSTANT}),
    "time_known": frozenset({Kind.BOOLEAN}),
    "boolean": frozenset({Kind.BOOLEAN}),
    "integer": frozenset({Kind.INTEGER}),
    "decimal": frozenset({Kind.DECIMAL}),
    "coordinate": frozenset({Kind.COORDINATE}),
    "code": frozenset({Kind.CODE}),
    "code_as_is": frozenset({Kind.CODE}),
    "nhs_number": frozenset({Kind.TEXT}),
    "postcode": frozenset({Kind.TEXT}),
    "uprn": frozenset({Kind.TEXT}),
    "reference": frozenset({Kind.KEY, Kind.TEXT}),
    "parent_reference": frozenset({Kind.KEY}),
    "references": frozenset({Kind.KEY}),
}
OPTIONS: dict[str, frozenset[str]] = {
    "text": frozenset({"splitter", "part", "looks_like"}),
    "integer": frozenset({"least", "most"}),
    "date": frozenset({"format", "years_from"}),
    "instant": frozenset({"format", "years_from", "time_column", "time_format"}),
    "time_known": frozenset({"time_format"}),
    "boolean": frozenset({"words", "blank", "other"}),
    "code": frozenset({"words", "words_file", "list"}),
    "code_as_is": frozenset({"list"}),
    "reference": frozenset({"pattern"}),
    "parent_reference": frozenset({"pattern"}),
    "references": frozenset({"pattern", "separator"}),
}
ALWAYS = frozenset({"column", "converter"})
# Columns beside the fields: what later steps need to know of a row and nobody is ever sent.
OWN_FIELDS: dict[str, dict[str, Kind]] = {
    "person": {"_merged": Kind.KEY},
    "organisation": {"_domestic_abuse": Kind.BOOLEAN},
    "referral": {"_project": Kind.TEXT, "_subcategory": Kind.TEXT, "_entered_by_role": Kind.CODE},
}
OWN_LISTS = {"_entered_by_role": "entered_by_role"}
YES = {"yes": True, "y": True, "true": True, "1": True, "on": True}
NO = {"no": False, "n": False, "false": False, "0": False, "off": False}
Said = Callable[..., None]


@dataclass(frozen=True)
class FieldPlan:
    """A field whose declaration holds: everything its converter needs, looked up."""

    name: str
    kind: Kind
    declared: FieldMapping
    table: Mapping[str, str | bool]
    known: frozenset[str] | None
    formats: tuple[DateFormat, ...]
    time_formats: tuple[DateFormat, ...]
    splitter: Splitter | None

    @cached_property
    def key(self) -> str:
        """Return by what its conversion is known: what is declared, and the words that are understood."""
        return f"{self.declared.model_dump_json()} {sorted(self.table.items())}"


def plan_field(entity: str, name: str, declared: FieldMapping, folder: Path, say: Said) -> FieldPlan | None:
    """Return the field's plan, or None after saying what is wrong; `say(text, *path)` takes every problem."""
    kind = _kind(entity, name, say)
    wrong = list(_misfits(declared, kind)) if kind else []
    for text, key in wrong:
        say(f"{name}: {text}", *([key] if key else []))
    if kind is None or wrong:
        return None
    known = _known_codes(entity, name, declared, say)
    return FieldPlan(
        name,
        kind,
        declared,
        _table(declared, known, folder, say),
        None if known is None else frozenset(known),
        _formats(declared.format, declared.years_from, "format", say),
        _formats(declared.time_format, None, "time_format", say),
        _splitter(declared, say),
    )


def _kind(entity: str, name: str, say: Said) -> Kind | None:
    own = OWN_FIELDS.get(entity, {})
    if name in own:
        return own[name]
    fields = spec(entity).fields
    if name not in fields:
        say(f"{name}: {entity} has no such field.{suggest(name, [*fields, *own])}")
        return None
    if fields[name].need == "derived":
        say(f"{name}: this field is worked out by Viaduct and cannot be mapped.")
        return None
    if name in spec(entity).key:
        say(f"{name}: this field is the record's own reference and is not mapped; see `reference`.")
        return None
    return fields[name].kind


def _misfits(declared: FieldMapping, kind: Kind) -> Iterator[tuple[str, str]]:
    if (declared.column is None) == (declared.constant is None):
        yield "give a column with its converter, or a constant.", ""
        return
    if declared.constant is not None:
        if declared.model_fields_set - {"constant"} or kind not in {Kind.TEXT, Kind.CODE}:
            yield "a constant stands alone, for a text or a code.", "constant"
        return
    converter = declared.converter
    if converter is None:
        yield "this column has no converter.", "column"
        return
    if kind not in FITS[converter]:
        fitting = ", ".join(sorted(other for other, kinds in FITS.items() if kind in kinds))
        yield f"the converter {converter} does not give a {kind}; these do: {fitting}.", "converter"
    allowed = OPTIONS.get(converter, frozenset()) | ALWAYS
    for option in sorted(declared.model_fields_set - allowed):
        yield f"{option} means nothing to the converter {converter}.", option
    if converter in {"date", "instant"} and declared.format is None:
        yield f"the converter {converter} needs a format, such as dd/mm/yyyy.", "converter"
    yield from _options_that_clash(declared)


def _options_that_clash(declared: FieldMapping) -> Iterator[tuple[str, str]]:
    if (declared.splitter is None) != (declared.part is None):
        yield "a splitter needs a part, and a part a splitter.", "splitter" if declared.splitter else "part"
    if declared.splitter is not None and declared.looks_like is not None:
        yield "looks_like is of the whole cell: it does not go with a splitter.", "looks_like"
    if declared.least is not None and declared.most is not None and declared.least > declared.most:
        yield "the least is more than the most.", "least"
    for key in ("pattern", "looks_like"):
        said = getattr(declared, key)
        if said is not None and not regex_holds(said):
            yield f"the {key} is not a regular expression.", key


def _known_codes(entity: str, name: str, declared: FieldMapping, say: Said) -> Mapping[str, str] | None:
    own = OWN_LISTS.get(name) if name in OWN_FIELDS.get(entity, {}) else spec(entity).fields[name].codes
    if declared.list is not None and (own is not None or declared.list not in code_lists()):
        reason = (
            f"its codes are those of {own}"
            if own
            else f"no such code list.{suggest(declared.list, [*code_lists()])}"
        )
        say(f"{name}: list {declared.list}: {reason}", "list")
        return codes(own) if own else {}
    listed = own or declared.list
    known = codes(listed) if listed else None
    if known is not None and declared.constant is not None and declared.constant not in known:
        hint = suggest(declared.constant, [*known])
        say(f"{name}: {declared.constant} is not in the code list {listed}.{hint}", "constant")
    return known


def _table(
    declared: FieldMapping, known: Mapping[str, str] | None, folder: Path, say: Said
) -> dict[str, str | bool]:
    """Return the words that are understood: a list's codes and labels, and those the mapping adds."""
    if declared.converter == "boolean":
        return _boolean_table(declared, say)
    if declared.converter != "code":
        return {}
    added = [("words", word, target) for word, target in declared.words.items()]
    added += [("words_file", word, target) for word, target in _words_file(declared, folder, say)]
    _refuse_contradictions(added, say)
    if known is None and not added:
        say("this field's code list is open: give words, a words_file or a list.", "converter")
    table: dict[str, str | bool] = {}
    for code, label in (known or {}).items():
        table[normal_word(code)] = code
        table[normal_word(label)] = code
    for key, word, target in added:
        if not isinstance(target, str) or (known and target not in known):
            path = (key, word) if key == "words" else (key,)
            say(f"{word}: {target} is not one of our codes.{suggest(str(target), [*(known or [])])}", *path)
        table[normal_word(word)] = target
    return table


def _boolean_table(declared: FieldMapping, say: Said) -> dict[str, str | bool]:
    table: dict[str, str | bool] = {} if declared.words else {**YES, **NO}
    _refuse_contradictions([("words", word, value) for word, value in declared.words.items()], say)
    for word, value in declared.words.items():
        if not isinstance(value, bool):
            say(f"{word}: say true or false.", "words", word)
        table[normal_word(word)] = value
    return table


def _words_file(declared: FieldMapping, folder: Path, say: Said) -> list[tuple[str, str]]:
    if declared.words_file is None:
        return []
    if why := misplaced(folder, declared.words_file):
        say(f"{declared.words_file}: not a CSV file: {why}", "words_file")
        return []
    words, wrong = read_words(folder / declared.words_file)
    for text in wrong:
        say(text, "words_file")
    return words


def _refuse_contradictions(added: list[tuple[str, str, str | bool]], say: Said) -> None:
    """Refuse a word that is read like an earlier one and means something else."""
    known: dict[str, str | bool] = {}
    for key, word, target in added:
        if known.setdefault(normal_word(word), target) != target:
            path = (key, word) if key == "words" else (key,)
            say(f"{word}: this word is given twice, with two meanings.", *path)


def _formats(
    said: str | list[str] | None, years_from: int | None, key: str, say: Said
) -> tuple[DateFormat, ...]:
    read: list[DateFormat] = []
    for text in [said] if isinstance(said, str) else said or []:
        try:
            form = read_format(text, years_from)
        except ValueError as error:
            say(f"{text}: {error}.", key)
            continue
        if not (form.has_time if key == "time_format" else form.has_day):
            wanted = "hours and minutes" if key == "time_format" else "day, month and year"
            say(f"{text}: {wanted} are needed.", key)
        if any(form.shape == other.shape for other in read):
            say(f"{text}: two formats of the same shape are ambiguous.", key)
        read.append(form)
    return tuple(read)


def _splitter(declared: FieldMapping, say: Said) -> Splitter | None:
    if declared.splitter is None or declared.part is None:
        return None
    try:
        return splitter(declared.splitter, declared.part)
    except ValueError as error:
        say(f"part {declared.part}: {error}.", "part")
        return None


def regex_holds(pattern: str) -> bool:
    """Return whether Polars takes the regular expression."""
    try:
        pl.Series([""]).str.contains(f"^(?:{pattern})$")
    except pl.exceptions.ComputeError:
        return False
    return True
