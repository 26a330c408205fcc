"""A store elsewhere keeps the contract of every store, on a SCIM service that is not ours."""

import pytest

from tests.store.elsewhere import Elsewhere
from tests.store.test_accounts import *  # noqa: F403 - the contract itself
from tests.store.test_alignments import *  # noqa: F403 - the same
from tests.store.test_names import *  # noqa: F403 - the same
from tests.store.test_runs import *  # noqa: F403 - the same
from tests.store.test_sightings import *  # noqa: F403 - the same


@pytest.fixture
def address(elsewhere: Elsewhere) -> Elsewhere:
    """A service of this test's own, and the file of its state."""
    return elsewhere


@pytest.fixture
def many() -> int:
    """More than a page, and many times what a bulk takes; the batches of its mirror are those of every store here."""
    return 601
