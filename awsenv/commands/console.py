"""`awsenv console`."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv import environment
from awsenv.args import Args, Command, Options
from awsenv.aws.config_files import Profiles
from awsenv.commands import assume
from awsenv.commands._obtain import obtain_or_login, showing_progress
from awsenv.credentials import session_of
from awsenv.credentials.request import Request
from awsenv.environment import Session, expiry, lookup, remedy
from awsenv.result import EXPIRED, NOTHING_EXPORTED, USAGE, AwsenvError, Result

# Options that need a profile or a role.
_OBTAINING: Options = {
    name: row
    for name, row in assume.OPTIONS.items()
    if name not in ("--region", "--mode", "--live", "--shell", "--format", "--role-arn")
}
OPTIONS: Options = {
    "--service": (
        "SERVICE",
        "open this service, by its name in the AWS CLI or in the console's address: s3, ec2, logs",
    ),
    "--region": ("REGION", "in this region instead of the profile's own"),
    "--print": (None, "print the link instead of opening it"),
    "--role-arn": assume.OPTIONS["--role-arn"],
    **_OBTAINING,
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Return the link with --print; otherwise open it in the browser."""
    name, role_arn = args.first, args.get("--role-arn")
    session = _exported(args, environ, now) if name is None and role_arn is None else None
    if session is None:
        if name is None and role_arn is None:
            name = environment.active_profile(environ)
            if not name:
                raise AwsenvError("nothing is exported", "name a profile: awsenv console PROFILE", NOTHING_EXPORTED)
            args.positionals = [name]
        base = environment.without_assumed(environ)
        session = obtain_or_login(Request.from_args(args), base, now)
        role_arn = args.get("--chain") or role_arn or (Profiles(base).text(name, "role_arn") if name else None)
        session.region = session.region or environment.region(base)
    if session.token is None:
        raise AwsenvError(
            f"{session.profile} has long-term keys, and the console takes temporary credentials only",
            "name a profile that assumes a role, or the role: awsenv console PROFILE --role-arn ARN",
        )

    from awsenv.aws import federation
    from awsenv.credentials.console_session import signin_token

    place = federation.place_of(session.region, role_arn, args.get("--service"), environ)
    url = federation.token_url(place, session.access_key, session.secret_key, session.token)
    with showing_progress():
        link = federation.login_url(place, signin_token(url, session.profile, environ))
    left = "" if session.expiration is None else f", and the session for {expiry.short(session.expiration - now)}"
    note = f"console of {session.profile}: the link is valid for 15m{left}"
    if "--print" in args:
        return Result(out=f"{link}\n", note=note)
    _open(link, session.profile, environ)
    return Result(note=note)


def _exported(args: Args, environ: Mapping[str, str], now: int) -> Session | None:
    """Return what this shell exports; None if it exports no keys. AwsenvError (4) if they have expired."""
    known = lookup.exported_credentials(environ, 0)
    found, credentials = known.exported, known.credentials
    if found.mode != "keys":
        return None
    if found.missing is not None or credentials is None:
        raise remedy.incomplete(environ, now)
    if credentials.expiration is not None and credentials.expiration <= now:
        raise AwsenvError(
            f"what is exported ({found.name}) expired {expiry.short(now - credentials.expiration)} ago",
            remedy.of_exported(environ, now).instruction,
            EXPIRED,
        )
    useless = [option for option in _OBTAINING if option in args]
    if useless:
        raise AwsenvError(
            f"without a profile the console opens with what is exported, so {useless[0]} would do nothing",
            "leave it out, or name a profile",
            USAGE,
        )
    return session_of(found.name, credentials, args.get("--region") or environment.region(environ))


def _open(link: str, profile: str, environ: Mapping[str, str]) -> None:
    """Open the link in the browser.

    Raises:
        AwsenvError: no browser was found, or AWSENV_CONSOLE_BROWSER cannot be used.
    """
    import webbrowser

    from awsenv.environment import settings
    from awsenv.system import browser

    template = settings.console_browser(environ)
    if template:
        try:
            return browser.start(browser.command_of(template, link, profile), environ)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise AwsenvError(
                f"AWSENV_CONSOLE_BROWSER, {template}, cannot be started: {why}",
                "fix it, or take the link to a browser: awsenv console --print",
            ) from None
    try:
        webbrowser.get()
        found = browser.is_likely(environ)
    except webbrowser.Error:
        found = False
    if not found:
        raise AwsenvError("no browser could be opened here", "take the link to one: awsenv console --print")
    return browser.open_page(link, environ)


COMMAND = Command(
    usage="awsenv console [PROFILE] [options]",
    description="""
Opens the AWS console in the browser, signed in as PROFILE; without PROFILE, with the credentials that this shell has
exported. The console accepts only temporary credentials of a role, and its session ends with them.

Anyone with the link can sign in with it for 15 minutes. With --print it goes to stdout; else the browser gets it as an
argument, which other programs on this machine may see for a moment.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv console project1
  awsenv console project1 --service s3 --region eu-west-1
  awsenv console                                            with what is exported
  awsenv console --print | clip.exe                         for a browser elsewhere
  AWSENV_CONSOLE_BROWSER='firefox -P {profile}' awsenv console project1
""",
    run=run,
)
