# `just` lists the recipes. It is a package of most systems, and `uv tool install rust-just` or `pipx install rust-just`.
# Each recipe is one command that also works without just.

set positional-arguments

_list:
    @just --list --unsorted

# all tests; arguments are pytest's: just test -k prompt
test *arguments:
    ./tests/run "$@"

# one test file: just test-one tests/test_cache.py -k lock
test-one file *arguments:
    ./tests/run "$@"

# the tests that need nothing but Python
test-unit *arguments:
    ./tests/run -m unit "$@"

# the tests on other days and in other time zones
test-later *arguments:
    ./tests/later "$@"

# ruff, mypy, shellcheck, shfmt and the schemas of .github; one of them: just lint mypy
lint *linters:
    tests/lint "$@"

# format Python and shell, and correct what the linters can
format:
    tests/lint --fix ruff format

# write the pages and pictures that come from the program
docs:
    tests/prepare
    .venv-tests/bin/python docs/doctor.py >docs/doctor.md
    .venv-tests/bin/python docs/man.py >docs/awsenv.1
    .venv-tests/bin/python docs/pictures.py

# build the site of README and docs/ into site/
site:
    tests/prepare --python
    .venv-tests/bin/python -m pip install -q --group docs
    .venv-tests/bin/mkdocs build --strict

# how fast is it here? just bench --only assume
bench *arguments:
    python3 bench/run.py "$@"

# all that CI runs
ci *arguments:
    .ci/run "$@"

# run the linters before each commit
hooks:
    tests/prepare --python
    .venv-tests/bin/python -m pip install -q --group dev
    .venv-tests/bin/pre-commit install

# the Homebrew formula, the manifests for Scoop and winget, and its archive, from the release in dist/
packaging repository:
    tests/prepare --python
    .venv-tests/bin/python packaging/make.py dist dist/packaging --repository "$1"

# is this checkout fit to be released?
release-check:
    .ci/release-check
