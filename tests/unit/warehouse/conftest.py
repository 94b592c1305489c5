from pathlib import Path

import pytest

from tests.batches import Parties, parties


@pytest.fixture
def both(tmp_path: Path) -> Parties:
    return parties(tmp_path)
