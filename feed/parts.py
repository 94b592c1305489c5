"""A warehouse is counted part after part: whole people with all that hangs on them, in bounded memory.

Whose part somebody is in follows from their key alone: the person's who they are to all providers. What
names nobody is in the part of its own key. Beside the rows of its people a part has every row that these are
told with: the referral that a piece of work hangs on, the one it was passed on from, all work of both. Such a
row may stand in two parts; it is counted in one, where its person is. Nothing is written to a disk.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from canonical import ENTITIES, spec, warehouse_columns

ROWS_IN_PART = 1_500_000
"""Rows of the flow that are counted at once: some 140 thousand referrals with all that hangs on them."""
PERSON = "person"
REFERRAL = "referral"
EPISODE = "service_episode"
HERE = "feed_here"
KEYS = ("person_id", "referral_id", "episode_id", "parent_referral_id")
BESIDE = ("feed_referral_here", "feed_person_here")


@dataclass(frozen=True)
class Part:
    """One part of so many, and the statements that leave its rows behind as temporary tables `all_ENTITY`."""

    number: int
    of: int

    def holds(self, key: str) -> str:
        """Return the condition that a key is of this part."""
        return f"hash({key}) % {self.of} = {self.number}"

    def counts(self, row: str, key: str) -> str:
        """Return the condition that a row is counted here: its person is here, or it names nobody."""
        person = f"{row}.person_id"
        return f"({person} IN (FROM feed_here) OR ({person} IS NULL AND {self.holds(f'{row}.{key}')}))"

    def statements(self, columns: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """Yield what makes the part of views `every_ENTITY`; by entity the columns that anybody asks for."""
        of_people = [entity for entity in columns if _has(entity, "person_id") and entity != PERSON]
        yield self._people_here(of_people)
        yield from self._referrals_here([entity for entity in of_people if _has(entity, "referral_id")])
        for entity in sorted(columns, key=lambda name: (name == PERSON, name != EPISODE)):
            yield self._rows_here(entity, columns)
        yield from (f"DROP TABLE {name}" for name in BESIDE)

    def _people_here(self, of_people: list[str]) -> str:
        """Return who is in this part; of people without a row of their own nobody knows who else they are."""
        whole = "coalesce({}linked_person_id{}, person_id)"
        strangers = " UNION ALL ".join(
            f"SELECT person_id FROM every_{entity} WHERE {self.holds('person_id')}" for entity in of_people
        )
        return f"""CREATE TEMP TABLE feed_here AS
            SELECT person_id FROM every_person WHERE person_id IN
                (SELECT person_id FROM every_person WHERE {self.holds(whole.format("", ""))})
            GROUP BY person_id HAVING {self.holds(whole.format("min(", ")"))}
            UNION ALL SELECT DISTINCT person_id FROM ({strangers}) s WHERE NOT EXISTS
                (FROM every_person p WHERE p.person_id = s.person_id AND {self.holds("p.person_id")})"""

    def _referrals_here(self, entities: list[str]) -> Iterator[str]:
        """Yield what leaves the keys of every referral behind that a row of this part is told with."""
        named = " UNION ".join(
            f"SELECT referral_id FROM every_{entity} e WHERE {self.counts('e', spec(entity).key[0])}"
            for entity in entities
        )
        yield f"CREATE TEMP TABLE feed_referral_here AS SELECT * FROM ({named}) WHERE referral_id IS NOT NULL"
        yield """INSERT INTO feed_referral_here SELECT DISTINCT parent_referral_id FROM every_referral
            WHERE referral_id IN (FROM feed_referral_here) AND parent_referral_id IS NOT NULL"""

    def _rows_here(self, entity: str, columns: Mapping[str, tuple[str, ...]]) -> str:
        key = spec(entity).key[0]
        conditions = []
        if entity == PERSON:
            conditions.append("e.person_id IN (FROM feed_person_here)")
        elif _has(entity, "person_id"):
            conditions.append(self.counts("e", key))
        if _has(entity, "referral_id"):
            conditions.append("e.referral_id IN (FROM feed_referral_here)")
        if _has(entity, "episode_id") and entity != EPISODE:
            conditions.append("e.episode_id IN (SELECT episode_id FROM all_service_episode)")
        rows = (
            f"CREATE TEMP TABLE all_{entity} AS SELECT {', '.join(columns[entity])} FROM every_{entity} e "
            f"WHERE {' OR '.join(conditions) or 'true'}"
        )
        return rows if entity != PERSON else f"{_people_named(columns)}; {rows}"


def number_of_parts(rows: int, rows_in_part: int) -> int:
    """Return in how many parts so many rows are counted."""
    return max(1, -(-rows // rows_in_part))


def columns_asked(statements: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return by entity that any statement reads the columns whose names stand in any, its keys among them."""
    words = {word for statement in statements.values() for word in re.findall(r"\w+", statement)}
    return {
        entity: tuple(
            name
            for name in (*spec(entity).fields, *warehouse_columns)
            if name in words or name in (*KEYS, *spec(entity).key)
        )
        for entity in ENTITIES
        if f"all_{entity}" in words
    }


def _has(entity: str, field: str) -> bool:
    return field in spec(entity).fields


def _people_named(columns: Mapping[str, tuple[str, ...]]) -> str:
    """Return what leaves everybody behind whom a row of this part names, whether they are of it or not."""
    named = " UNION ".join(
        f"SELECT person_id FROM all_{entity}"
        for entity in columns
        if _has(entity, "person_id") and entity != PERSON
    )
    return f"CREATE TEMP TABLE feed_person_here AS SELECT * FROM (FROM feed_here UNION {named})"
