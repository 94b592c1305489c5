"""Where the person of a row lives: an area of the district on the day of the event, or why there is none."""

from collections.abc import Iterable, Iterator, Mapping

from canonical.lists import code_rows
from feed.parts import Part

FIRST, LAST = "0001-01-01", "9999-12-31"
NAMED_FROM = 10
"""People who live in a neighbourhood before its name stands anywhere."""
NAME_OF_AREA = "[\\p{L}][\\p{L}\\p{M}0-9 .,''’&()/-]{0,59}"


def names_of_neighbourhoods(parts: Iterable[Part]) -> Iterator[str]:
    """Yield what leaves the neighbourhoods behind that there are, its people counted part after part.

    No list knows them: they are the words of the site's own look-up. What is written in the column for fewer
    people, or is no name of an area, counts as not known, so that no word of one person's is ever published.
    """
    yield "CREATE TEMP TABLE feed_resident (neighbourhood VARCHAR, people BIGINT)"
    for part in parts:
        yield f"""INSERT INTO feed_resident SELECT neighbourhood, count(DISTINCT person_id) FROM every_address
            WHERE {part.holds("person_id")} AND regexp_full_match(neighbourhood, '{NAME_OF_AREA}')
            GROUP BY neighbourhood"""
    yield f"""CREATE TEMP TABLE feed_neighbourhood AS SELECT neighbourhood FROM feed_resident
        GROUP BY neighbourhood HAVING sum(people) >= {NAMED_FROM}"""
    yield "DROP TABLE feed_resident"


def _validity() -> str:
    """Return the wards we know with the days on which each was one; a code that is not there always was."""
    rows = ", ".join(
        f"('{row['code']}', DATE '{row['valid_from'] or FIRST}', DATE '{row['valid_to'] or LAST}')"
        for row in code_rows("stockport_wards")
    )
    return f"SELECT * FROM (VALUES {rows}) v(code, first_on, last_on)"


def _days(ward: str) -> str:
    """Return the days of a ward as two fields; a code that is not in the list always was one."""
    first, last = f"coalesce({ward}.first_on, DATE '{FIRST}')", f"coalesce({ward}.last_on, DATE '{LAST}')"
    return f"'first_on': {first}, 'last_on': {last}"


WARD_VIEW = _validity()
PLACE_VIEW = f"""WITH placed AS (
        SELECT person_id, unnest(place) FROM (SELECT person_id, arg_max({{
        'ward': ward, 'ward_before': split_part(ward_before, ' ', 1), 'neighbourhood': (SELECT n.neighbourhood
            FROM feed_neighbourhood n WHERE n.neighbourhood = all_address.neighbourhood),
        'earlier': CASE WHEN contains(ward_before, ' ') THEN string_split(ward_before, ' ')[2:] END,
        'lsoa21': lsoa21, 'imd_decile': imd_decile, 'area_kind': CASE
            WHEN lad <> getvariable('district') OR postcode_status = 'nonuk' THEN 'outside'
            WHEN lad IS NOT NULL OR lsoa21 IS NOT NULL THEN 'inside'
            WHEN postcode_status IN ('no_fixed_abode', 'pseudo') THEN postcode_status END
        }}, (lsoa21 IS NOT NULL, lad IS NOT NULL, address_id::VARCHAR)) AS place
        FROM all_address GROUP BY person_id)),
    earlier AS (
        SELECT person_id, list({{'code': code, {_days("w")}}} ORDER BY nth) AS wards_earlier
        FROM (SELECT person_id, unnest(earlier) AS code, unnest(range(len(earlier))) AS nth FROM placed)
            LEFT JOIN feed_ward w USING (code) GROUP BY person_id)
    SELECT p.* EXCLUDE (earlier), e.wards_earlier,
        CASE WHEN p.ward IS NOT NULL THEN coalesce(n.first_on, DATE '{FIRST}') END AS ward_from,
        coalesce(n.last_on, DATE '{LAST}') AS ward_to,
        coalesce(b.first_on, DATE '{FIRST}') AS before_from, coalesce(b.last_on, DATE '{LAST}') AS before_to
    FROM placed p LEFT JOIN earlier e ON e.person_id = p.person_id
    LEFT JOIN feed_ward n ON n.code = p.ward LEFT JOIN feed_ward b ON b.code = p.ward_before"""
"""One row for each person: the address that tells a place, and when each of its wards was one."""
WARD_ON_THE_DAY = """CASE WHEN {day} BETWEEN a.ward_from AND a.ward_to THEN a.ward
    WHEN {day} BETWEEN a.before_from AND a.before_to THEN a.ward_before
    ELSE list_filter(a.wards_earlier, lambda w: {day} BETWEEN w.first_on AND w.last_on)[1].code END"""


def _within(sql: str) -> str:
    return f"CASE WHEN a.area_kind = 'inside' THEN ({sql})::VARCHAR ELSE a.area_kind END"


PLACE: Mapping[str, str] = {
    "ward": _within(WARD_ON_THE_DAY),
    "neighbourhood": _within("a.neighbourhood"),
    "lsoa21": _within("a.lsoa21"),
    "imd_decile": _within("a.imd_decile"),
    "area_kind": "a.area_kind",
}
"""Splits of a fact whose person is joined as `a`; `{day}` stands for the day of the row."""
