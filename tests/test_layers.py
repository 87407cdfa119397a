"""The rules for packages: imports, output, declared dependencies, and the modules that a cached assume loads."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.homes import Home

import awsenv
from awsenv.credentials._botocore.quick_import import LATE

PACKAGE = Path(awsenv.__file__).parent
PAGES = Path(__file__).parent.parent / "docs"

#: Every package and top-level module may import those before it, and itself; so there are no cycles.
ORDER = (
    "awsenv",
    "result",
    "args",
    "streams",
    "program",
    "aws",
    "environment",
    "system",
    "dialects",
    "credentials",
    "report",
    "sso",
    "server",
    "integration",
    "doctor",
    "explain",
    "demo",
    "commands",
    "cli",
    "__main__",
)

#: awsenv modules that a cached assume may load; docs/architecture.md.
MAX_MODULES = 16


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every imported module, at any level; without those imported only for type checking."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for other in node.orelse:
                yield from imports(other)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from imports(node)


def package_of(name: str) -> str:
    """`aws` of `awsenv.aws.paths.read`; `awsenv` for a module of the package itself."""
    parts = name.split(".")
    inner = parts[1] if len(parts) > 1 else ""
    return inner if (PACKAGE / inner).is_dir() or ((PACKAGE / f"{inner}.py").exists() and inner) else parts[0]


def of_file(path: str) -> str:
    first = path.split("/", maxsplit=1)[0].removesuffix(".py")
    return "awsenv" if first == "__init__" else first


@pytest.mark.unit
def test_a_package_imports_only_lower_packages() -> None:
    wrong = {
        (path, package_of(name))
        for path, tree in modules()
        for name in imports(tree)
        if name.startswith("awsenv") and ORDER.index(package_of(name)) > ORDER.index(of_file(path))
    }
    assert wrong == set()


@pytest.mark.unit
def test_every_package_has_a_place_in_the_order() -> None:
    assert {of_file(path) for path, _ in modules()} == set(ORDER)


@pytest.mark.unit
def test_the_architecture_page_has_the_layers_in_this_order() -> None:
    page = (PAGES / "architecture.md").read_text(encoding="utf-8")
    house = page.partition("\n## The house\n")[2].partition("\n## ")[0]
    layers = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", house, re.M)))
    assert layers == [layer for layer in ORDER if layer != "awsenv"]


@pytest.mark.unit
@pytest.mark.parametrize("package", ["environment", "aws", "result", "args"])
def test_the_lowest_packages_import_only_the_standard_library(package: str) -> None:
    for path, tree in modules():
        if of_file(path) == package:
            foreign = {name.partition(".")[0] for name in imports(tree)} - {"awsenv"}
            assert foreign <= sys.stdlib_module_names, path


@pytest.mark.unit
def test_only_packages_that_obtain_credentials_import_botocore() -> None:
    users = {of_file(path) for path, tree in modules() for name in imports(tree) if name.startswith("boto")}
    assert users <= {"credentials", "sso", "demo"}


def has_side_effects(tree: ast.AST) -> bool:
    """Whether a module prints, prompts, reads its arguments or ends the process."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("print", "input", "exit")
        ):
            return True
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        attribute = (node.value.id, node.attr)
        if attribute in {("sys", "argv"), ("sys", "exit"), ("os", "_exit"), ("streams", "say"), ("streams", "write")}:
            return True
        if node.value.id == "terminal" and node.attr in ("ask", "tell", "progress", "conversation"):
            return True
    return False


@pytest.mark.unit
def test_nothing_below_the_commands_prints_prompts_or_exits() -> None:
    # streams and system print for their callers, the demo is a program
    above = ("streams", "program", "system", "commands", "cli", "__main__", "demo")
    wrong = {path for path, tree in modules() if of_file(path) not in above and has_side_effects(tree)}
    assert wrong == set()


def declared() -> tuple[set[str], set[str]]:
    """The distributions that awsenv requires, and those of its extras; in normal form (PEP 503)."""
    required, extras = set(), set()
    for line in importlib.metadata.requires("awsenv-shell") or ():
        name = re.sub(r"[-_.]+", "-", re.split(r"[ \[;<>=!~(]", line, maxsplit=1)[0]).lower()
        (extras if "extra ==" in line else required).add(name)
    return required, extras


@pytest.mark.unit
def test_declared_dependencies_equal_imported_ones() -> None:
    owners = importlib.metadata.packages_distributions()
    imported = {
        re.sub(r"[-_.]+", "-", owner).lower()
        for _, tree in modules()
        for name in imports(tree)
        if name.partition(".")[0] not in sys.stdlib_module_names | {"awsenv"}
        for owner in owners[name.partition(".")[0]]
    }
    required, extras = declared()
    assert required <= imported <= required | extras


@pytest.mark.shell
def test_the_build_of_the_wheel_needs_no_library_but_jinja() -> None:
    """It renders the options of all commands into the scripts, where nothing is installed yet."""
    program = """
import sys
for library in ("boto3", "botocore", "dateutil", "filelock", "keyring", "rich", "shellingham"):
    sys.modules[library] = None
from awsenv.commands import COMMANDS, find
print(*[find(name).usage.split()[1] for name in COMMANDS])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "assume"


@pytest.mark.shell
def test_a_cached_assume_loads_few_modules(home: Home) -> None:
    """None of them is slow to import. Two calls come first: one stores the session, one the hint."""
    environment = home.environment()
    program = "import sys; sys.argv = ['awsenv', 'assume', 'project1', '--shell', 'bash']; import awsenv.__main__ as m; m.main()"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, timeout=60)
    loaded = loaded_by(program, environment) - {"awsenv.__main__"}  # the console script
    ours = {name for name in loaded if name.partition(".")[0] == "awsenv"}
    assert len(ours) <= MAX_MODULES, sorted(ours)
    slow = {"re", "json", "enum", "dataclasses", "typing", "contextlib", "hashlib", "datetime", "functools", "pathlib"}
    libraries = {"boto3", "botocore", "jinja2", "shellingham", "rich", "filelock", "dateutil"}
    assert not (slow | libraries) & ({name.partition(".")[0] for name in loaded} - loaded_by("pass", environment))


@pytest.mark.shell
def test_an_assume_role_call_loads_no_excluded_module_of_botocore(home: Home) -> None:
    environment = home.environment()
    program = "import sys; sys.argv = ['awsenv', 'assume', 'project1', '--shell', 'bash']; import awsenv.__main__ as m; m.main()"
    loaded = loaded_by(program, environment)
    assert "botocore.session" in loaded
    excluded = {*LATE, "dateutil.parser", "importlib.metadata"}
    if sys.version_info >= (3, 12):
        excluded.remove("inspect")  # dataclasses use it
    assert not loaded & excluded - loaded_by("import filelock", environment)


def loaded_by(program: str, environment: dict[str, str]) -> set[str]:
    """The modules that Python imports for a program; for `pass` those of Python itself and of site-packages."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
