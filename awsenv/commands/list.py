"""Shows the profiles of the AWS config and credentials files: what kind each is, its account, role and region, and how
long its session in the AWS CLI's cache still lives. It asks nobody.

With --credential-process it prints sections to paste into ~/.aws/config instead: for each profile that has to be
renewed (a role, IAM Identity Center, web identity, aws login) a second one, called as the first with -awsenv behind.
Under AWS_PROFILE=project1-awsenv every SDK and tool gets its credentials from awsenv, and new ones before they end.
Profiles that have theirs already are left out. awsenv credential-process --help says more."""

from __future__ import annotations

from awsenv import expiry
from awsenv.outcome import USAGE, AwsenvError, Result, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.text import Text

    from awsenv.listing import Row
    from awsenv.words import Options, Words

__all__ = ["EXAMPLES", "MOST_NAMES", "OPTIONS", "USAGE_LINE", "run"]

USAGE_LINE = "awsenv list [--json | --credential-process]"
MOST_NAMES = 0
OPTIONS: Options = {
    "--json": (None, "a JSON list, for scripts"),
    "--credential-process": (
        None,
        "sections for ~/.aws/config, by which every SDK lets awsenv renew credentials",
    ),
}
EXAMPLES = """
  awsenv list
  awsenv list --credential-process >> ~/.aws/config
  awsenv list --json | jq -r '.[] | select(.kind == "role") | .name'
"""


def run(words: Words, environ: Mapping[str, str], now: int) -> Result:
    """A table, a JSON list or sections of a config file; AwsenvError for a file that cannot be read."""
    from awsenv import listing
    from awsenv.profiles import Profiles

    if "--json" in words and "--credential-process" in words:
        raise AwsenvError("list takes --json or --credential-process, not both", "see awsenv list --help", USAGE)
    if "--credential-process" in words:
        from awsenv import integration

        sections = listing.process_sections(Profiles(environ), integration.program())
        return Result(out=sections, note="" if sections else "no profile needs one, or each has its own already")
    found = listing.rows(Profiles(environ), environ, now)
    if "--json" in words:
        return Result(out=listing.as_json(found, now))
    if not found:
        return Result(out="no profiles; make one with: aws configure\n")
    return Result(out=_table(found, environ.get("AWSENV_PROFILE"), now))


def _table(found: list[Row], current: str | None, now: int) -> str:
    """The rows as text: in colour on a terminal, and never cut short."""
    import io
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Cell

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("PROFILE", "KIND", "ACCOUNT", "ROLE", "REGION", "LEFT"):
        table.add_column(heading, no_wrap=True, overflow="ignore")
    for row in found:
        name = Cell(shown(row.name), style="bold green" if row.name == current else "")
        cells = [Cell(shown(cell or "-")) for cell in (row.kind, row.account, row.role, row.region)]
        table.add_row(name, *cells, _left(row.expiration, now))
    on_terminal = sys.stdout.isatty()  # colour only there; rich itself honours NO_COLOR
    console = Console(file=io.StringIO(), force_terminal=on_terminal, width=10_000, legacy_windows=False)
    with console.capture() as text:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in text.get().splitlines())


def _left(expiration: int | None, now: int) -> Text:
    from rich.text import Text as Cell

    if expiration is None:
        return Cell("-")
    left = expiration - now
    if left <= 0:
        return Cell("expired", style="red")
    return Cell(expiry.short(left), style="yellow" if left < expiry.NEAR else "green")
