"""What the tests share: programs, homes, clocks, STS, shells and a terminal. Test files import from here, never from each other."""

import pkgutil

import pytest

# so that a failed assertion here shows its values, as in a test file
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
