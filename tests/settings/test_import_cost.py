import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["connector.settings.values", "connector.settings.secrets"])
def test_pydantic_is_paid_for_by_loading_only(module: str) -> None:
    """Who only handles loaded settings or secrets does not import pydantic."""
    code = f"import sys, {module}; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
