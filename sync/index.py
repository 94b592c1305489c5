"""The index of one run: what crosses people, from tonight's sources and what is remembered of others."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl

from sharing.scope import narrower_flags
from sync import cases, people, safety_memory
from sync.choices import Choices
from sync.erased import remember_identity
from sync.gather import Gathering
from sync.linking.link import link_people
from sync.linking.table import keep_links
from sync.place import Workplace
from sync.proof_notes import Kept
from sync.proofs import kept, known, remember_proofs


def index_of(
    place: Workplace,
    gathered: dict[str, Gathering],
    *,
    accept_drop: bool,
    notes: dict[str, people.SourceNotes] | None = None,
) -> tuple[people.PeopleIndex, Kept]:
    """Return the index of all sources together, and what in it stays though the rows that told it are gone.

    A source that is missing still tells who is in danger; so does one of which it was not written down yet
    which of its rows tell it. Given: `notes` instead of the sources' own, where an assessment is tried.
    """
    key, folder = place.memory_key, place.safety
    notes = notes or {source: part.notes for source, part in gathered.items()}
    missing = [
        source
        for source in place.site.sources
        if source not in gathered
        or not gathered[source].tells_what_vanished
        or (safety_memory.known(folder, source) and not known(folder, source))
    ]
    whole = frozenset(source for source, part in gathered.items() if part.complete)
    stays = Kept() if accept_drop else kept(folder, sorted(whole), notes, key)
    parts = sorted(gathered.keys() - whole)
    # Of who is not read tonight the last word is what was known: a refusal stays one.
    doubted = pl.concat([stays.doubted, kept(folder, parts, notes, key).doubted])
    also, everyone = safety_memory.flagged_through(folder, missing, notes, key)
    telling = cases.telling(notes, folder, missing, key, stays.cases)
    reaches = narrower_flags(place.dpia.safety)
    also = pl.concat([also, stays.flagged])
    index = people.build_index(notes, whole, also, everyone, telling, doubted=doubted, reaches=reaches)
    linked = link_people(place.dpia.person_link.same_person, notes, whole, place.state, key)
    return replace(index, linked=linked), stays


def remember_danger(
    place: Workplace,
    gathered: dict[str, Gathering],
    index: people.PeopleIndex,
    stays: Kept,
    add_to: set[str],
) -> None:
    """Write down who is in danger, by which rows; of the sources in `add_to` what was known stays."""
    key, folder = place.memory_key, place.safety
    notes = {source: part.notes for source, part in gathered.items()}
    for source, own in notes.items():
        safety_memory.remember(folder, source, own, index, key, add=source in add_to)
        remember_proofs(folder, source, notes, index, key, stays=stays, add=source in add_to)


def remember_people(
    place: Workplace,
    gathered: dict[str, Gathering],
    index: people.PeopleIndex,
    choices: Choices,
    drafts: Iterable[Path],
) -> None:
    """Write down under which record and number a choice goes on, by which link people are known.

    Given: where the memories of tonight's batches lie. Errors: StateUnreadable.
    """
    choices.keep_absorbed()
    choices.keep_numbers(drafts)
    keep_links(place.state, index.linked.table, place.memory_key, choices.forgotten)
    for source, part in gathered.items():
        told = part.identity.filter(~pl.col("person").is_in(choices.forgotten.implode()))
        less = bool(part.seen_less)
        add, keep_old = less or not part.tells_what_vanished, less
        remember_identity(place.state, source, told, place.memory_key, add=add, keep_old=keep_old)
