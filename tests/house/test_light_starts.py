"""A verb starts with what it needs: no Polars, Arrow or DuckDB for a question about one person."""

import subprocess
import sys
from pathlib import Path

import pytest

from commands.app import ROOMS, VERBS, app_of

ROOT = Path(__file__).parents[2]
HEAVY = "duckdb, polars, polars_hash, psycopg, pyarrow, requests, rich, apscheduler, jinja2"
ONE_PERSON = f"""
import sys
from commands.app import app_of
app_of(["audit", "person"])
import audit.release_form, common.files, sync.person_history
app_of()
print(*sorted(set("{HEAVY}".split(", ")) & set(sys.modules)))
"""


def test_one_person_is_asked_about_and_help_is_shown_without_the_heavy_libraries():
    """Half of the time of a light verb was importing what it did not use; every verb's start pays for it."""
    asked = [sys.executable, "-c", ONE_PERSON]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", [*VERBS, *ROOMS])
def test_a_verb_that_is_named_is_there_alone_and_the_same(name):
    """With or without the site before it; and there is no verb that only the whole list of them knows."""
    whole = app_of()
    for words in ([name], ["--site", "a", name, "--json"]):
        alone = app_of(words)
        found = [*alone.registered_commands, *alone.registered_groups]
        assert [one.name for one in found] == [name]
        same = [*whole.registered_commands, *whole.registered_groups]
        assert vars(found[0]) == vars(next(one for one in same if one.name == name))


@pytest.mark.parametrize("words", ["", "--help", "runn", "--site run", "--site=a run", "-h run"])
def test_whoever_names_no_verb_is_shown_them_all(words):
    """Help lists every verb, and a word that is mistyped is held to all of them."""
    found = app_of(words.split())
    named = [*found.registered_commands, *found.registered_groups]
    assert [one.name for one in named] == [*VERBS, *ROOMS]
