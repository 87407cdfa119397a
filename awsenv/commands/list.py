"""`awsenv list`."""

from __future__ import annotations

import sys

from awsenv.args import Command
from awsenv.result import USAGE, AwsenvError, Result, printable
from awsenv.system import streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.args import Args, Options
    from awsenv.aws.config_files import Profiles

__all__ = ["COMMAND", "OPTIONS"]

#: What --values lists. None of it is a secret.
LISTABLE = ("profile", "region", "role_arn", "sso_session")

OPTIONS: Options = {
    "--json": (None, "as a JSON list"),
    "--credential-process": (
        None,
        "sections for ~/.aws/config with which every SDK lets awsenv renew credentials",
    ),
    "--values": ("SETTING", "only the values of a setting, a line each; profile: the names of the profiles"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """A table, a JSON list or sections of a config file; AwsenvError for a file that cannot be read."""
    from awsenv.aws.config_files import Profiles

    forms = [option for option in OPTIONS if option in args]
    if len(forms) > 1:
        raise AwsenvError(f"list takes {forms[0]} or {forms[1]}, not both", "see awsenv list --help", USAGE)
    profiles = Profiles(environ)
    if "--values" in args:  # for completion: nothing on stderr
        return Result(out=_values(str(args.get("--values")), profiles))
    result = _result(args, profiles, environ, now)
    if profiles.passed_over:
        result.report = f"awsenv: {printable(profiles.passed_over)}\n"
    return result


def _result(args: Args, profiles: Profiles, environ: Mapping[str, str], now: int) -> Result:
    from awsenv.report import profiles as profile_list

    if "--credential-process" in args:
        from awsenv.integration import scripts
        from awsenv.report import config_sections

        sections = config_sections.process_sections(profiles, config_sections.program_in_ascii(scripts.program()))
        note = "" if sections else "no profile needs one, or each has its own already"
        if streams.is_terminal(sys.stdout):  # whose screen is not to obey a name
            sections = "\n".join(map(printable, sections.split("\n")))
        return Result(out=sections, encoding=profiles.config.encoding, note=note)
    found = profile_list.rows(profiles, environ, now)
    if "--json" in args:
        return Result(out=profile_list.as_json(found, now))
    if not found:
        return Result(out="no profiles; make one with: aws configure\n")
    from awsenv.report import table

    current = environ.get("AWSENV_PROFILE")
    return Result(
        out=table.text(
            ("PROFILE", "KIND", "ACCOUNT", "ROLE", "REGION", "LEFT"),
            [
                (
                    (row.name, table.MARKED if row.name == current else ""),
                    *(row.kind, row.account, row.role, row.region),
                    table.left(row.expiration, now),
                )
                for row in found
            ],
        )
    )


def _values(setting: str, profiles: Profiles) -> str:
    """What the shells complete: each value once. One that a terminal would not show as it is, is left out."""
    if setting not in LISTABLE:
        raise AwsenvError(f"list does not show the values of {setting!r}", f"one of {', '.join(LISTABLE)}", USAGE)
    names = profiles.names()
    found = names if setting == "profile" else [profiles.text(name, setting) or "" for name in names]
    return "".join(f"{value}\n" for value in dict.fromkeys(found) if value and value.isprintable())


COMMAND = Command(
    usage="awsenv list [--json | --credential-process | --values SETTING]",
    description="""
Shows the profiles of the AWS config and credentials files: their kind, account, role and region, and the time left of a
session in the AWS CLI's cache. It makes no network request.

With --credential-process it prints sections for ~/.aws/config instead: for each profile whose credentials expire (a
role, IAM Identity Center, web identity, aws login) a second one with -awsenv after its name. With
AWS_PROFILE=project1-awsenv every SDK and tool gets its credentials from awsenv, and new ones before they expire.
Profiles that already have one are left out. awsenv profile --live --append adds them to the file itself.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv list
  awsenv list --credential-process >> ~/.aws/config
  awsenv list --values profile | fzf
  awsenv list --json | jq -r '.[] | select(.kind == "role") | .name'
""",
    run=run,
)
