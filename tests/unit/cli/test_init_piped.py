"""`init` whose answers come through a pipe says where they ended, and promises nothing it does not keep."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("sv", "Svaren tog slut före url, och inget skrevs."),
        ("en", "The answers ended before url, and nothing was written."),
    ],
)
def test_answers_that_end_too_early_say_before_which_question(
    tmp_path: Path, language: str, told: str
) -> None:
    words = [sys.executable, "-m", "connector", "init", str(tmp_path), "--language", language]
    typed = "Ägg AB\n\nWooCommerce\n"
    here = {name: value for name, value in os.environ.items() if name != "GALLRA_LANGUAGE"}
    ended = subprocess.run(words, input=typed, capture_output=True, text=True, check=False, env=here)
    assert ended.returncode == 1
    assert told in ended.stderr
    assert "--url" in ended.stderr
    assert "Ctrl-D" not in ended.stdout + ended.stderr
    assert not list(tmp_path.iterdir())
