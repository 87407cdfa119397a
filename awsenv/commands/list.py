"""`awsenv list`."""

from __future__ import annotations

import sys

from awsenv import streams
from awsenv.args import Args, Command, Options
from awsenv.result import USAGE, AwsenvError, Result, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.aws.config_files import Profiles

#: Settings whose values --values lists; none is a secret.
LISTABLE = ("profile", "region", "role_arn", "sso_session")

OPTIONS: Options = {
    "--json": (None, "as a JSON list"),
    "--credential-process": (None, "sections for ~/.aws/config with which every SDK lets awsenv renew credentials"),
    "--all": (None, "also the twins that awsenv profile --live has made"),
    "--values": ("SETTING", "only the values of a setting, a line each; profile: the names of the profiles"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Return a table, a JSON list or sections of a config file; AwsenvError for a file that cannot be read."""
    from awsenv.aws.config_files import Profiles

    form = args.one_of("--json", "--credential-process", "--values")
    word = args.first or ""
    if word and form in ("--credential-process", "--values"):
        raise AwsenvError(f"{form} takes no {word!r}: it is for all profiles", "see awsenv list --help", USAGE)
    profiles = Profiles(environ)
    if form == "--values":  # for completion: nothing on stderr
        return Result(out=_values(str(args.get("--values")), profiles, twins="--all" in args))
    result = _sections(profiles) if form == "--credential-process" else _rows(args, word, profiles, environ, now)
    if profiles.passed_over:
        result.report = f"awsenv: {printable(profiles.passed_over)}\n"
    return result


def _sections(profiles: Profiles) -> Result:
    from awsenv.program import program
    from awsenv.report import config_sections

    sections = config_sections.process_sections(profiles, config_sections.program_in_ascii(program()))
    note = "" if sections else "no profile needs one, or each has its own already"
    if streams.is_terminal(sys.stdout):
        sections = "\n".join(map(printable, sections.split("\n")))
    return Result(out=sections, encoding=profiles.config.encoding, note=note)


def _rows(args: Args, word: str, profiles: Profiles, environ: Mapping[str, str], now: int) -> Result:
    from awsenv.report import profiles as profile_list

    rows = profile_list.rows(profiles, environ, now)
    if rows and word:
        rows = [row for row in rows if word.casefold() in row.name.casefold()]
        if not rows:
            raise AwsenvError(f"no profile has {word!r} in its name", "awsenv list shows all of them")
    if "--json" in args:
        return Result(out=profile_list.as_json(rows, now))
    if not rows:
        return Result(out="no profiles; make one with: aws configure\n")
    from awsenv.report import table

    if "--all" not in args:
        rows = [row for row in rows if row.serves is None] or rows  # unless WORD matches twins only
    cells = [
        (
            (f"{row.name} *", table.MARKED) if row.active else row.name,
            *(row.kind, row.account, row.role, row.source, "yes" if row.mfa else None, row.region),
            table.left(now if row.expired else row.expiration, now),
        )
        for row in rows
    ]
    return Result(out=table.text(("PROFILE", "KIND", "ACCOUNT", "ROLE", "SOURCE", "MFA", "REGION", "LEFT"), cells))


def _values(setting: str, profiles: Profiles, *, twins: bool) -> str:
    """Return each value once, for completion, without those that a terminal cannot show as they are."""
    if setting not in LISTABLE:
        raise AwsenvError(f"list does not show the values of {setting!r}", f"one of {', '.join(LISTABLE)}", USAGE)
    names = profiles.names()
    if setting == "profile" and not twins:
        from awsenv.aws.twins import without_twins

        names = without_twins(profiles, names)
    found = names if setting == "profile" else [profiles.text(name, setting) or "" for name in names]
    return "".join(f"{value}\n" for value in dict.fromkeys(found) if value and value.isprintable())


COMMAND = Command(
    usage="awsenv list [WORD] [--all] [--json | --credential-process | --values SETTING]",
    description="""
Shows the profiles of the AWS config and credentials files: their kind, account and role, where their credentials come
from, whether they take an MFA code, their region, and the time left of a session in the AWS CLI's cache, or of
temporary keys that say when they expire. * marks the active one. With WORD only those that have it in their names. It
makes no network request.

With --credential-process it prints sections for ~/.aws/config instead: for each profile whose credentials expire (a
role, IAM Identity Center, web identity, aws login) a second one with -awsenv after its name. With
AWS_PROFILE=project1-awsenv every SDK and tool gets its credentials from awsenv, and new ones before they expire.
Profiles that already have one are left out. awsenv profile --live --append adds them to the file itself.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv list
  awsenv list prod
  awsenv list --credential-process >> ~/.aws/config
  awsenv list --values profile | fzf
  awsenv list --json | jq -r '.[] | select(.kind == "role") | .name'
""",
    run=run,
)
