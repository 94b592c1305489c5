"""The checks of wellbeing forms, outcomes, children's reviews and the directory, a second time."""

from canonical import code_rows
from tests.unit.quality.sql import ON, Sql, age, blank, certain, later, of, order, unread

ITEMS = [f"item_{number:02}" for number in range(1, 15)]
SHORT = [f"item_{number:02}" for number in (1, 2, 3, 6, 7, 9, 11)]
UNREAD_ITEMS = unread("outcome_measure", *ITEMS)
NO_TOTAL = blank("outcome_measure", "raw_total")
ANSWERED = f"(coalesce({', '.join(f'r.{item}' for item in ITEMS)}) IS NOT NULL)"
UNREAD_TOTAL = unread("outcome_measure", "raw_total")


def gaps(items: list[str]) -> str:
    """Return SQL for: an answer was left out."""
    missing = " + ".join(f"(r.{item} IS NULL)::INT" for item in items)
    unreadable = [unread("outcome_measure", item) for item in items]
    left_out = " + ".join(f"(r.{i} IS NULL AND NOT {u})::INT" for i, u in zip(items, unreadable, strict=True))
    return f"(CASE WHEN ({missing}) = 0 THEN false WHEN ({left_out}) > 0 THEN true END)"


def by_tool(asked: str) -> str:
    """Return SQL that asks it of the items of each tool."""
    both = {"WEMWBS": ITEMS, "SWEMWBS": SHORT}
    whens = []
    for tool, items in both.items():
        cells = [f"r.{item}" for item in items]
        words = {
            "gaps": gaps(items),
            "total": " + ".join(cells),
            "list": f"[{', '.join(cells)}]",
            "least": len(items),
            "most": 5 * len(items),
        }
        whens.append(f"WHEN '{tool}' THEN {asked.format(**words)}")
    return f"(CASE r.tool {' '.join(whens)} END)"


def ends(entity: str) -> str:
    """Return SQL for: this is the last of several forms of its referral."""
    same = "c.referral_id = r.referral_id AND c.completed_on IS NOT NULL"
    mine = "r.referral_id IS NOT NULL AND r.completed_on IS NOT NULL"
    return f"({mine} AND {later(entity, same, order('completed_on'))} AND NOT {later(entity, same, AFTER)})"


AFTER = order("completed_on").replace("c.", "@.").replace("r.", "c.").replace("@.", "r.")
FIRST_TOOL = """(SELECT first(c.tool ORDER BY c.completed_on, c._reference, c._row) FROM outcome_measure c
  WHERE c._source = r._source AND c.referral_id = r.referral_id AND c.completed_on IS NOT NULL)"""
BORN = of("person", "r._person", "x.birth_date")
STARTED, ENDED = (of("service_episode", "r.episode_id", f"x.{name}_on") for name in ("started", "ended"))
BASELINE = """(SELECT max(c.completed_on) FROM outcome_measure c WHERE c._source = r._source
  AND c.episode_id = r.episode_id AND c.timepoint = 'baseline')"""
SURE_EPISODE = of("service_episode", "r.episode_id", "true")


def window(name: str, code: str, end: str) -> str:
    """Return SQL for the first day of the window of the list's code, or the first day after it."""
    rows = [row for row in code_rows(name) if row["from_months"]]
    ages = {row["code"]: (row[f"{end}_months"], row[f"{end}_days"]) for row in rows}
    days = (f"WHEN '{row}' THEN {BORN} + to_months({m}) + to_days({d})" for row, (m, d) in ages.items())
    return f"(CASE {code} {' '.join(days)} END)::DATE"


DONE = of("child_review", "r.review_id", "x.completed_on")
COUNTS = "c.completed_on IS NOT NULL AND NOT coalesce(c.is_repeat, false)"
DOMAINS = """(SELECT count(DISTINCT c.domain) FROM child_score c
  WHERE c._source = r._source AND c.review_id = r.review_id AND c.score IS NOT NULL)"""
URL = r"(?i:https?)://[^\s/?#.@]+(\.[^\s/?#.@]+)+(:[0-9]{1,5})?([/?#]\S*)?"
WINDOWED = ", ".join(f"'{row['code']}'" for row in code_rows("gm_8_stage") if row["from_months"])
OFF_MAP = """(coalesce(NOT r.latitude BETWEEN 49.8 AND 60.9, false) OR coalesce(NOT r.longitude BETWEEN -8.7
  AND 1.8, false))"""

SQL = {
    "OUT-01": Sql(" OR ".join(f"coalesce(r.{item} < 1 OR r.{item} > 5, false)" for item in ITEMS), ANSWERED),
    "OUT-02": Sql(by_tool("r.raw_total <> {total}"), by_tool("(NOT {gaps})") + f" AND NOT {NO_TOTAL}"),
    "OUT-03": Sql(by_tool("{gaps}"), f"({ANSWERED} OR {UNREAD_ITEMS}) AND NOT {NO_TOTAL}"),
    "OUT-04": Sql(f"{UNREAD_TOTAL} OR " + by_tool("(r.raw_total < {least} OR r.raw_total > {most})"),
                  f"{UNREAD_TOTAL} OR (r.raw_total IS NOT NULL AND NOT ({ANSWERED} OR {UNREAD_ITEMS}))"),
    "OUT-05": Sql(f"r.tool <> {FIRST_TOOL}", ends("outcome_measure")),
    "OUT-06": Sql(f"""(r.timepoint = 'baseline' AND abs(r.completed_on - {STARTED}) > 28) OR
                  (r.timepoint = 'exit' AND (abs(r.completed_on - {ENDED}) > 28 OR coalesce(CASE WHEN
                  {SURE_EPISODE} THEN r.completed_on - {BASELINE} < 14 END, false)))""",
                  f"((r.timepoint = 'baseline' AND {STARTED} IS NOT NULL) OR (r.timepoint = 'exit' AND"
                  f" {ENDED} IS NOT NULL)) AND r.completed_on IS NOT NULL"),
    "OUT-07": Sql(f"{age(BORN, 'r.completed_on')} < 13", "r.completed_on IS NOT NULL"),
    "OUT-08": Sql(by_tool("list_min({list}) = list_max({list})"), by_tool("(NOT {gaps})")),
    "OUT-09": Sql(f"""coalesce(r.money_gained_gbp < 0 OR r.money_gained_gbp > 100000, false) OR
                  (greatest(coalesce(r.money_gained_gbp, 0), coalesce(r.arrears_obtained_gbp, 0)) > 0
                  AND {blank("outcome", "awarded_on")})""",
                  "coalesce(r.money_gained_gbp, 0) <> 0 OR coalesce(r.arrears_obtained_gbp, 0) <> 0"),
    "CHI-01": Sql(f"r.completed_on < {window('gm_8_stage', 'r.stage', 'from')} OR"
                  " (NOT coalesce(r.completed_late, false) AND r.completed_on >="
                  f" {window('gm_8_stage', 'r.stage', 'before')})",
                  f"r.completed_on IS NOT NULL AND r.stage IN ({WINDOWED})"),
    "CHI-02": Sql(later("child_review", f"c._person = r._person AND c.stage = r.stage AND {COUNTS}",
                        order("completed_on").replace("c.", "@.").replace("r.", "c.").replace("@.", "r.")),
                  "r.completed_on IS NOT NULL AND NOT coalesce(r.is_repeat, false) AND r.stage IS NOT NULL"
                  " AND r._person IS NOT NULL"),
    "CHI-05": Sql(certain(f"{DOMAINS} < 5"), "r.asq3_used"),
    "CHI-07": Sql(f"coalesce(r.mother_nhs_number = {of('person', 'r._person', 'x.nhs_number')}, false)",
                  "r.mother_nhs_number IS NOT NULL"),
    "CHI-08": Sql(f"{age(BORN, 'r.completed_on')} >= 18", "r.completed_on IS NOT NULL"),
    "CHI-03": Sql("r.score < 0 OR r.score > 60", "r.score IS NOT NULL"),
    "CHI-04": Sql("r.score / 5 <> floor(r.score / 5)",
                  "r.score BETWEEN 0 AND 60 AND NOT coalesce(r.adjusted, false)"),
    "CHI-06": Sql(f"{DONE} < {window('asq3_interval', 'r.interval', 'from')} OR {DONE} >="
                  f" {window('asq3_interval', 'r.interval', 'before')}",
                  f"r.interval IS NOT NULL AND {DONE} IS NOT NULL"),
    "EHE-01": Sql("coalesce(r.ended_on < r.started_on, false) OR "
                  + blank("early_help_episode", "end_reason"),
                  "r.ended_on IS NOT NULL"),
    "DIR-01": Sql(f"""try_cast(r.directory_service_id AS UUID) IS NULL OR {blank("directory_service", "name")}
                  OR {blank("directory_service", "status")}
                  OR coalesce(NOT regexp_full_match(r.url, '{URL}'), false)
                  OR coalesce(len(r.email) - len(replace(r.email, '@', '')) <> 1 OR contains(r.email, ' ')
                     OR NOT contains(split_part(r.email, '@', 2), '.'), false)"""),
    "DIR-02": Sql(f"coalesce(r.assured_on + INTERVAL 1 YEAR < {ON},"
                  f" {blank('directory_service', 'assured_on')})",
                  "r.status = 'active'"),
    "DIR-03": Sql(f"{OFF_MAP} OR r.latitude IS NULL OR {blank('directory_service', 'longitude')}",
                  "coalesce(r.latitude, r.longitude) IS NOT NULL"),
}  # fmt: skip
