"""What was released to whom: published cells, kept so that a later release cannot be subtracted from them.

No exact count that was not published stands here, and nothing of a person.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from common.clock import stamp
from common.files import made_private_file, private_folder
from feed.disclosure.cells import KEY, known_of
from feed.disclosure.profile import Profile
from feed.disclosure.structure import Structure
