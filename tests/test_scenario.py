"""The main job, in every shell, raw and integrated: assume, act, check, expire, refresh, fail, clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.homes import Home
from support.scenario import do_the_main_job
from support.shells import Shell, every_shell

pytestmark = pytest.mark.shell


@every_shell
@pytest.mark.parametrize("integrated", [False, True], ids=["raw", "integrated"])
def test_every_shell_does_the_main_job(shell: Shell, integrated: bool, home: Home, tmp_path: Path) -> None:
    do_the_main_job(shell, integrated, home, tmp_path)
