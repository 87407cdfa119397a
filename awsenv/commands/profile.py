"""`awsenv profile`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from awsenv.args import Args, Command, Options
from awsenv.aws.config_files import Profiles
from awsenv.credentials.plan import require
from awsenv.credentials.request import OPTIONS as REQUEST_OPTIONS
from awsenv.credentials.request import Request
from awsenv.program import program
from awsenv.report import config_sections
from awsenv.report.config_sections import Section, plain_name
from awsenv.result import USAGE, AwsenvError, Result, printable

if TYPE_CHECKING:
    from awsenv.sso.accounts import Role

#: form of the command -> its other options, beside --append.
_FORMS = {
    "--role-arn": ("--source-profile", "--region", "--mfa-serial", "--external-id", "--session-name", "--duration"),
    "--live": (),
    "--sso-session": ("--region", "--template"),
}
_TEMPLATE = "{account_name}.{role_name}"
_FIELD = re.compile(r"\{(account_name|account_id|role_name)\}")

OPTIONS: Options = {
    "--role-arn": ("ARN", "a profile of this role"),
    "--source-profile": ("NAME", "the profile whose credentials assume it"),
    "--region": ("REGION", "its region"),
    "--mfa-serial": REQUEST_OPTIONS["--mfa-serial"],
    "--external-id": REQUEST_OPTIONS["--external-id"],
    "--session-name": ("NAME", "the name of its sessions, as CloudTrail shows it"),
    "--duration": ("TIME", "how long its sessions are to be valid: 3600, 45m, 8h (15m to 12h)"),
    "--live": (None, "a second profile, NAME-awsenv, through which every SDK gets the credentials of NAME from awsenv"),
    "--sso-session": ("NAME", "a profile for each account and role of this sign-in"),
    "--template": ("TEXT", f"their names, of {{account_name}}, {{account_id}}, {{role_name}}; default: {_TEMPLATE}"),
    "--append": (None, "add them to the end of the config file, instead of printing them"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Print the sections, or append them to the config file.

    Raises:
        AwsenvError: (2) options that do not go together; (1) a profile that does not exist or exists already, no
            sign-in, a file that cannot be read or written.
    """
    form = _form(args)
    profiles = Profiles(environ)
    if form == "--sso-session":
        sections = _of_sign_in(args, profiles, environ, now)
    elif form == "--live":
        sections = twins_of(args.positionals, profiles)
    else:
        sections = [_of_role(args, profiles)]
    new = [section for section in sections if section.profile not in profiles]
    existing = ", ".join(f"{section.profile} ({profiles.where(section.profile)})" for section in sections)
    note = "" if new else f"nothing to add: {existing + ':' if existing else 'every profile is'} there already"
    if "--append" not in args:
        return Result(out="".join(map(str, new)), encoding=profiles.config.encoding, note=note)
    added = config_sections.append(new, environ)
    if not added:
        return Result(note=note)
    return Result(report=printable(f"awsenv: added to {profiles.config.path}: {', '.join(added)}") + "\n")


def _form(args: Args) -> str:
    """Return the option of _FORMS that was given."""
    form = args.one_of(*_FORMS)
    see = "see awsenv profile --help"
    if form is None:
        raise AwsenvError("profile needs --role-arn, --live or --sso-session", see, USAGE)
    for option in OPTIONS:
        if option in args and option not in (form, "--append", *_FORMS[form]):
            raise AwsenvError(f"{option} does not go with {form}", see, USAGE)
    if form == "--role-arn" and "--source-profile" not in args:
        raise AwsenvError("--role-arn needs --source-profile", "name the profile whose credentials assume it", USAGE)
    if (form == "--role-arn") != bool(args.positionals) and form != "--live":
        raise AwsenvError(f"{form} {'needs' if form == '--role-arn' else 'takes no'} NAME of a profile", see, USAGE)
    return form


def _of_role(args: Args, profiles: Profiles) -> Section:
    """Return a role's section: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html"""
    if args.get("--duration") == "max":
        raise AwsenvError("a config file cannot have --duration max, which AWS tools do not know", "write 12h", USAGE)
    request = Request.from_args(args)
    require(profiles, str(args.get("--source-profile")))
    settings = {**request.settings, **({"region": request.region} if request.region else {})}
    if request.name in profiles and not settings.items() <= profiles.texts(request.name).items():
        raise AwsenvError(
            f"there is a profile {request.name} already, in {profiles.where(request.name)}",
            "choose another name, or change it there",
        )
    return Section(request.name, settings)


def twins_of(named: Sequence[str], profiles: Profiles) -> list[Section]:
    """Return the twin of a named profile, or those of all profiles that need one; see `config_sections.twins`.

    Raises:
        AwsenvError: the named profile does not exist or cannot have a twin.
    """
    names = named or profiles.names()
    for name in names:
        require(profiles, name)
    found = list(config_sections.twins(profiles, names, config_sections.program_in_ascii(program())))
    impossible = [name for name in found if isinstance(name, str)]
    if impossible and named:
        raise AwsenvError(f"{impossible[0]!a} has characters that no credential_process can hold", "rename the profile")
    if not found and named and config_sections.twin_name(names[0]) not in profiles:
        raise AwsenvError(
            f"profile {names[0]} has no credentials that awsenv could renew", f"type awsenv doctor {names[0]}"
        )
    return [section for section in found if isinstance(section, Section)]


def _of_sign_in(args: Args, profiles: Profiles, environ: Mapping[str, str], now: int) -> list[Section]:
    from awsenv.commands._obtain import Terminal
    from awsenv.sso import accounts, portal

    template = args.get("--template") or _TEMPLATE
    if re.search("[{}]", _FIELD.sub("", template)):
        fields = "account_name, account_id, role_name"
        raise AwsenvError(f"--template {template} has an unknown field", f"use {fields}", USAGE)
    sso = portal.of_session(profiles, str(args.get("--sso-session")))
    existing = {
        (texts.get("sso_account_id"), texts.get("sso_role_name"))
        for texts in map(profiles.texts, profiles.names())
        if texts.get("sso_session") == sso.session
    }
    region = {"region": str(args.get("--region"))} if "--region" in args else {}
    sections = []
    for role in accounts.roles_of(sso, profiles, environ, now, Terminal()):
        if (role.account_id, role.name) in existing:
            continue
        settings = {"sso_session": sso.name, "sso_account_id": role.account_id, "sso_role_name": role.name}
        sections.append(Section(plain_name(_filled(template, role)), {**settings, **region}))
    return sections


def _filled(template: str, role: Role) -> str:
    """Replace the fields of a template, all at once: a value may look like a field."""
    values = {"account_name": role.account_name, "account_id": role.account_id, "role_name": role.name}
    return _FIELD.sub(lambda field: values[field[1]], template)


COMMAND = Command(
    usage="awsenv profile [NAME] (--role-arn ARN --source-profile NAME | --live | --sso-session NAME) [--append]",
    description="""
Prints sections for the AWS config file. With --role-arn: the profile that AWS recommends in place of session
credentials that are copied by hand; every tool that uses it renews them. With --live: a second profile, NAME-awsenv,
whose credential_process asks awsenv; without NAME one for each profile whose credentials expire. With --sso-session:
one for each account and role that a sign-in gives access to. Profiles that are there already are left out.

With --append it adds them to the end of the file. All that was in the file stays as it was.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv profile project1 --source-profile user1 \\
    --role-arn arn:aws:iam::123456789012:role/dev --append
  awsenv profile project1 --live --append        AWS_PROFILE=project1-awsenv never goes stale
  awsenv login --sso-session corp && awsenv profile --sso-session corp --append
  awsenv profile --sso-session corp --template '{account_id}-{role_name}'
""",
    run=run,
)
