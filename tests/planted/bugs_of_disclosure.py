"""Bugs in what keeps small numbers from being worked out, each caught by a table that is written down."""

from tests.planted.bug import Bug

HERE, CODE = "tests/unit/feed/disclosure", "feed/disclosure"
ATTACK, PLAN, LINEAR = f"{HERE}/test_attack.py", f"{HERE}/test_protect.py", f"{HERE}/test_linear.py"
BEFORE, TWO, DOOR = (f"{HERE}/test_{name}.py" for name in ("earlier_releases", "two_editions", "door"))

BUGS_OF_DISCLOSURE: tuple[Bug, ...] = (
    # -- what the attacker knows
    Bug(
        "areas within areas are not linked",
        f"{CODE}/relations.py",
        '    yield from _areas(chiefs.filter(~pl.col("old")), structure)\n',
        "",
        f"{ATTACK}::test_areas_within_areas_give_the_hidden_one_away",
    ),
    Bug(
        "months are not added to their quarter",
        f"{CODE}/relations.py",
        "    yield from _periods(chiefs, tiles)\n",
        "",
        f"{PLAN}::test_months_do_not_give_away_the_month_that_is_hidden",
    ),
    Bug(
        "the same count in two tables is two",
        f"{CODE}/relations.py",
        '    yield Lines(_pairs(_beside(cells, pairs), "number", "other"))\n',
        "",
        f"{ATTACK}::test_the_same_count_in_two_tables_is_one",
    ),
    Bug(
        "what is left of a table is nobody's",
        f"{CODE}/relations.py",
        'yield Lines(_sums(joined.filter("additive"), *apart), rests=True)',
        'yield Lines(_sums(joined.filter("additive"), *apart), rests=False)',
        f"{ATTACK}::test_two_hidden_cells_that_make_a_small_number_together_are_found",
    ),
    Bug(
        "a whole without its part is nobody's",
        f"{CODE}/knowledge.py",
        "Secrets.of(placed, lines, pairs, profile)",
        "Secrets.of(placed, lines, pairs.clear(), profile)",
        f"{PLAN}::test_a_whole_less_its_part_is_protected_like_a_cell",
    ),
    Bug(
        "a rounded number may be any",
        f"{CODE}/cells.py",
        ".when(rounded).then(pl.max_horizontal(value - off, small + 1.0))",
        ".when(rounded).then(small + 1.0)",
        f"{ATTACK}::test_a_hidden_cell_that_its_total_gives_away_is_found_with_both_tables",
    ),
    # -- the planner
    Bug(
        "seven is let through",
        f"{CODE}/cells.py",
        ".otherwise(pl.lit(profile.suppress_to))",
        ".otherwise(pl.lit(profile.suppress_to - 1))",
        f"{PLAN}::test_seven_is_hidden_and_eight_is_shown",
    ),
    Bug(
        "the people behind a count are not looked at",
        f"{CODE}/plan.py",
        ".when(few_people | telling)",
        ".when(telling)",
        f"{PLAN}::test_few_people_behind_many_rows_are_hidden_too",
    ),
    Bug(
        "two words tell which hidden cell is the small one",
        f"{CODE}/protect.py",
        'pl.when(pl.col("shown") == "secondary")',
        'pl.when(pl.col("shown") == "no word")',
        f"{PLAN}::test_the_last_cell_that_a_total_gives_away_takes_another_with_it",
    ),
    Bug(
        "nothing is hidden for another's sake",
        f"{CODE}/protect.py",
        "_hidden_enough_for_all(_shown_again(enough, ask), ask)",
        "ask.plan",
        f"{PLAN}::test_what_the_planner_lets_out_always_passes_the_gate",
    ),
    # -- the gate
    Bug(
        "a range counts as narrow where it is wide",
        f"{CODE}/pieces.py",
        "np.ceil(self.low - SLACK) < width",
        "np.ceil(self.low - SLACK) >= width",
        f"{LINEAR}::test_a_range_is_that_of_all_tables_written_out",
    ),
    Bug(
        "numbers that contradict each other are called safe",
        f"{CODE}/linear.py",
        "nothing, every = np.zeros(count), np.ones(count, dtype=bool)",
        "nothing, every = np.zeros(count), np.zeros(count, dtype=bool)",
        f"{LINEAR}::test_numbers_that_contradict_each_other_are_not_called_safe",
    ),
    Bug(
        "the gate does not ask who stands behind a number",
        f"{CODE}/gate.py",
        'few = pl.col("count").is_between(1, small) | pl.col("people").is_between(1, small)',
        'few = pl.col("count").is_between(1, small)',
        f"{ATTACK}::test_few_people_behind_a_number_that_is_shown_are_found",
    ),
    Bug(
        "what the gate finds is let out",
        f"{CODE}/door.py",
        "            raise NumbersGivenAway(in_words(found), sent=AS_IT_WAS)\n        known",
        "            pass\n        known",
        f"{DOOR}::test_what_the_gate_finds_is_not_let_out_and_stands_in_the_report",
    ),
    # -- earlier editions
    Bug(
        "of the editions before only the last is compared",
        f"{CODE}/between.py",
        'before.group_by("release", maintain_order=True)',
        'before.filter("latest").group_by("release", maintain_order=True)',
        f"{TWO}::test_an_edition_before_the_last_is_not_forgotten",
    ),
    Bug(
        "what moved may have moved either way",
        f"{CODE}/between.py",
        "        grows = self._grows & (high >= 0)",
        "        grows = self._grows & (high < low)",
        f"{TWO}::test_the_first_person_of_a_ward_is_not_told_by_a_total_that_moved_by_one",
    ),
    Bug(
        "what moved does not add up",
        f"{CODE}/between.py",
        "same = np.flatnonzero(ground.sums.at_least == ground.sums.at_most)",
        "same = np.flatnonzero(ground.sums.at_least == ground.sums.at_most)[:0]",
        f"{TWO}::test_a_rounded_number_that_flips_does_not_tell_the_one_who_came",
    ),
    Bug(
        "one record taken away is not noticed",
        f"{CODE}/between.py",
        "        if taken.possible and taken.narrow.any():",
        "        if told.narrow.any() and taken.narrow.all():",
        f"{TWO}::test_one_record_that_was_taken_away_is_not_told_either",
    ),
    Bug(
        "a release that may have been published is forgotten",
        f"{CODE}/released.py",
        "WHERE r.recipient = :recipient AND r.released_on >= :since",
        "WHERE r.recipient = :recipient AND r.released_on >= :since AND r.is_settled",
        f"{DOOR}::test_what_a_process_let_out_before_it_was_killed_counts_as_published",
    ),
    Bug(
        "the memory holds how small a hidden cell is",
        f"{CODE}/door.py",
        '    hidden = pl.col("shown") == "suppressed"',
        '    hidden = pl.col("shown") == "no word"',
        f"{BEFORE}::test_no_count_that_was_hidden_stands_in_the_memory",
    ),
    Bug(
        "another number may be published the same quarter",
        f"{CODE}/moved.py",
        "first = released_on.year * 12 + (released_on.month - 1) // months * months + months",
        "first = released_on.year * 12 + (released_on.month - 1) // months * months",
        f"{BEFORE}::test_the_calendar_is_fixed",
    ),
    Bug(
        "silence about a profile is taken for one",
        "commands/publishing.py",
        "    if told is None and store(site.warehouse).exists():",
        "    if told is None and not store(site.warehouse).exists():",
        f"{DOOR}::test_a_warehouse_that_was_never_told_a_profile_makes_no_figures",
    ),
)
