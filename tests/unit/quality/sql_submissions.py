"""The counts of a whole provider, and the checks of it, a second time in SQL for DuckDB."""

from quality.tallies import EVENTS

BELIEVED = "NOT coalesce(t._reference_repeated, false)"
EVENT = """SELECT t._source, '{kind}', date_trunc('month', t.{day})::DATE, count(*) FROM {kind} t
  WHERE t.{day} IS NOT NULL AND {believed} GROUP BY ALL"""
TELLS = """FROM characteristics c WHERE c._source = p._source AND c._person = p.person_id AND p.sure"""
CLIENTS = f"""
WITH people AS (SELECT *, count(*) OVER (PARTITION BY _source, person_id) = 1
    AND NOT bool_or(coalesce(_reference_repeated, false)) OVER (PARTITION BY _source, person_id) AS sure
  FROM person),
asked AS (SELECT DISTINCT p._source, p.person_id, date_trunc('quarter', t.received_on)::DATE AS quarter,
    EXISTS ({TELLS} AND (c.ethnicity_2021 IS NOT NULL OR {{unread}})) AS answered,
    EXISTS ({TELLS} AND c.ethnicity_2021 = 'No data: Refused') AND NOT EXISTS ({TELLS}
      AND ({{unread}} OR c.ethnicity_2021 <> 'No data: Refused')) AS refused
  FROM people p JOIN referral t ON t._source = p._source AND t._person = p.person_id
  WHERE p.sure AND {BELIEVED} AND t.received_on IS NOT NULL AND p.role_type = 'client'
    AND NOT coalesce(p.anonymous, false) AND NOT coalesce(p.anonymised, false))
SELECT _source, 'clients', quarter, count(*) FROM asked GROUP BY ALL
UNION ALL SELECT _source, 'answered', quarter, count(*) FROM asked WHERE answered GROUP BY ALL
UNION ALL SELECT _source, 'refused', quarter, count(*) FROM asked WHERE refused GROUP BY ALL
"""
TALLIES = " UNION ALL ".join(
    EVENT.format(kind=kind, day=day, believed=BELIEVED) for kind, day in EVENTS.items()
)
CALENDAR = """
calendar AS (SELECT source, now, (now - to_months(back::INT))::DATE AS month
  FROM pulled, range(1, {most} + 1) g(back))"""
SUB_03 = f"""
WITH {CALENDAR.format(most=12)},
events AS (SELECT c.source, c.month, c.now, t.kind, t.number FROM calendar c LEFT JOIN tallies t
  ON t.source = c.source AND t.month = c.month AND t.kind NOT IN ('clients', 'answered', 'refused')),
usual AS (SELECT source, sum(number) AS every, count(DISTINCT kind) AS kinds FROM events GROUP BY source),
months AS (SELECT e.source, e.month, e.now, u.every,
    coalesce(sum(e.number), 0) > 0 AND coalesce(sum(e.number), 0) * 100 >= 2 * u.every
    AND count(DISTINCT e.kind) >= greatest(1, least(3, u.kinds - 1)) AS covered
  FROM events e JOIN usual u ON u.source = e.source GROUP BY e.source, e.month, e.now, u.every, u.kinds)
SELECT m.source, strftime(m.month, '%Y-%m'), coalesce(m.every, 0) = 0 OR m.every >= 100,
  CASE WHEN m.every > 0 THEN NOT m.covered END
FROM months m LEFT JOIN (SELECT source, min(month) AS began FROM months WHERE covered GROUP BY source) b
  ON b.source = m.source
WHERE CASE WHEN b.began IS NULL THEN m.month = (m.now - INTERVAL 1 MONTH)::DATE ELSE m.month >= b.began END
"""
SUB_05 = f"""
WITH {CALENDAR.format(most=7)},
months AS (SELECT c.source, c.month, c.month = (c.now - INTERVAL 1 MONTH)::DATE AS newest, t.number
  FROM calendar c LEFT JOIN tallies t ON t.source = c.source AND t.month = c.month AND t.kind = 'referral'),
usual AS (SELECT source, avg(number) AS mean, count(number) AS known FROM months WHERE NOT newest
  GROUP BY source)
SELECT m.source, 'referrals ' || strftime(m.month, '%Y-%m'), u.known < 6 OR u.mean >= 20,
  CASE WHEN u.known = 6 THEN
    abs(coalesce(m.number, 0) - u.mean) > greatest(0.4 * u.mean, 3 * sqrt(u.mean)) END
FROM months m JOIN usual u ON u.source = m.source WHERE m.newest
"""
QUARTERS = """
SELECT t.source, year(t.month) || '-Q' || quarter(t.month), {many}, {fails} FROM (
  SELECT source, month, coalesce(sum(number) FILTER (kind = 'clients'), 0) AS clients,
    coalesce(sum(number) FILTER (kind = 'answered'), 0) AS answered,
    coalesce(sum(number) FILTER (kind = 'refused'), 0) AS refused
  FROM tallies WHERE kind IN ('clients', 'answered', 'refused') GROUP BY source, month) t
JOIN pulled p ON p.source = t.source AND t.month BETWEEN p.now - INTERVAL 1 YEAR AND p.now
"""
SQL = {
    "SUB-03": SUB_03,
    "SUB-05": SUB_05,
    "CHR-01": QUARTERS.format(many="clients >= 20", fails="answered * 100 < 90 * clients"),
    "CHR-03": QUARTERS.format(many="answered >= 20", fails="refused * 100 > 50 * answered"),
}
