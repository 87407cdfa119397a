"""Makes the Homebrew formula and the manifests for Scoop and winget of a release, with its version and hashes.

usage: python packaging/make.py DIST OUT --repository URL

DIST has the two archives of the release (`uv build`). uv finds the packages that awsenv needs, and what they hash to.
winget installs a zip archive, which this makes, too: all packages, and two programs that start them with the Python
that is on PATH. It belongs to the release on the repository's page.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

__all__ = ["make"]

ROOT = Path(__file__).resolve().parent.parent
PYPI = "https://files.pythonhosted.org/packages"
HOMEPAGE = "https://pypi.org/project/awsenv-shell/"

_MAIN = """\
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(sys.argv[0])), "lib"))
from awsenv.__main__ import main
sys.exit(main())
"""


class File(NamedTuple):
    """An archive of the release.

    Attributes:
        pypi: its address on PyPI, which is made of its BLAKE2b-256 (warehouse/forklift/legacy.py).
    """

    name: str
    sha256: str
    pypi: str


def make(dist: Path, out: Path, repository: str) -> str:
    """Write everything; the version.

    Raises:
        OSError: there are not exactly one sdist and one wheel.
        subprocess.CalledProcessError: uv failed, and has said why.
    """
    sdist, wheel = (_only(dist, pattern) for pattern in ("awsenv_shell-*.tar.gz", "awsenv_shell-*-py3-none-any.whl"))
    with zipfile.ZipFile(wheel) as opened:
        name = next(name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(opened.read(name).decode())
    version = about["Version"]
    out.mkdir(parents=True, exist_ok=True)
    archive = out / f"awsenv_shell-{version}-windows.zip"
    _write_archive(archive, wheel)
    values = {
        "version": version,
        "summary": about["Summary"],
        "homepage": HOMEPAGE,
        "repository": repository.rstrip("/"),
        "pypi": PYPI,
        "packages": _packages(wheel),
        **{name: _file(path) for name, path in (("sdist", sdist), ("wheel", wheel), ("archive", archive))},
    }
    directory = Path(__file__).resolve().parent
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory),
        variable_start_string="«",
        variable_end_string="»",
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # no HTML
    )
    for template in sorted(directory.glob("*/*.j2")):
        text = environment.get_template(template.relative_to(directory).as_posix()).render(values)
        target = out / template.relative_to(directory).with_suffix("")
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    return str(version)


def _only(directory: Path, pattern: str) -> Path:
    found = sorted(directory.glob(pattern))
    if len(found) != 1:
        raise FileNotFoundError(f"{directory} has {len(found)} files {pattern}: there has to be one")
    return found[0].resolve()


def _file(path: Path) -> File:
    data = path.read_bytes()
    place = hashlib.blake2b(data, digest_size=32).hexdigest()
    return File(path.name, hashlib.sha256(data).hexdigest(), f"{PYPI}/{place[:2]}/{place[2:4]}/{place[4:]}/{path.name}")


def _uv(*words: str | Path) -> None:
    subprocess.run([Path(sys.executable).parent / "uv", *words, "--quiet"], check=True, stdin=subprocess.DEVNULL)


def _packages(wheel: Path) -> list[dict[str, Any]]:
    """What awsenv needs, as PEP 751 describes it."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        from pip._vendor import tomli as tomllib
    with tempfile.TemporaryDirectory() as scratch:
        wanted, lock = Path(scratch, "wanted.in"), Path(scratch, "pylock.toml")
        wanted.write_text(f"awsenv-shell @ {wheel.as_uri()}\n", encoding="utf-8")
        _uv("pip", "compile", "--format", "pylock.toml", "--no-emit-package", "awsenv-shell", "-o", lock, wanted)
        found: list[dict[str, Any]] = tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]
        return found


def _write_archive(path: Path, wheel: Path) -> None:
    """Pure Python, so that any Python for Windows can run it: compiled parts (of markupsafe) are optional."""
    from pip._vendor import distlib

    launcher = Path(distlib.__file__).with_name("t64.exe").read_bytes()
    program = io.BytesIO()
    with zipfile.ZipFile(program, "w") as opened:
        opened.writestr(zipfile.ZipInfo("__main__.py"), _MAIN)
    started = launcher + b"#!/usr/bin/env python\r\n" + program.getvalue()
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        _uv("pip", "install", "--python-platform", "windows", "--target", scratch, wheel)
        for name in ("awsenv.exe", "awsenv-core.exe"):
            opened.writestr(zipfile.ZipInfo(name), started)
        for file in sorted(Path(scratch).rglob("*")):
            inner = file.relative_to(scratch)
            if (
                file.is_file()
                and inner.parts[0] not in ("bin", "Scripts")
                and file.suffix not in (".pyd", ".so", ".pyc")
            ):
                opened.writestr(zipfile.ZipInfo(f"lib/{inner.as_posix()}"), file.read_bytes(), zipfile.ZIP_DEFLATED)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dist", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--repository", required=True, metavar="URL", help="the public repository")
    given = parser.parse_args()
    print(f"{given.out}: awsenv-shell {make(given.dist, given.out, given.repository)}")


if __name__ == "__main__":
    main()
