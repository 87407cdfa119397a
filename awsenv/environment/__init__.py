"""The one table of variables, and the change from now to then. (Hot path: what it does not always need is elsewhere.)

`assume`, `clear`, `check`, the shell scripts and the tests of all shells take their names from here.
"""

from __future__ import annotations

from awsenv.aws import Credentials, Session, expiry, masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from awsenv.environment.state import Exported

    #: A change of the environment: name -> new value, or None to unset. Names that are not in it stay as they are.
    Change: TypeAlias = dict[str, str | None]

__all__ = [
    "CREDENTIALS",
    "EXPIRATIONS",
    "KEYS",
    "LABELS",
    "MIXED",
    "OWN",
    "PREVIOUS",
    "PROFILES",
    "PROFILE_HINTS",
    "REFUSED",
    "REGIONS",
    "REMAINS",
    "SECRETS",
    "SERVER",
    "SOURCES",
    "STALE_VARIABLES",
    "TABLE",
    "UNSET",
    "Change",
    "Credentials",
    "Session",
    "active_profile",
    "applied",
    "assume_endpoint",
    "assume_keys",
    "assume_profile",
    "clear",
    "expiry",
    "exported",
    "in_server",
    "is_assumed",
    "masked",
    "missing",
    "named",
    "region",
    "session_token",
    "without_assumed",
]

# --- the table --------------------------------------------------------------------------------------------------------

#: One set of credentials: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")

#: Set by `assume` where there is a value, unset by `assume` without one and by `clear`.
#: AWS_CREDENTIAL_EXPIRATION is read by botocore's EnvProvider, the JS SDK and starship.
CREDENTIALS = (*KEYS, "AWS_CREDENTIAL_EXPIRATION")

#: Left by other tools or by hand, and always unset: AWS_SECURITY_TOKEN beats the session token in botocore, a stale
#: expiration makes botocore refuse good keys, a stale account or scope sends requests to the wrong place.
STALE_VARIABLES = (
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_EXPIRATION",
    "AWS_CREDENTIALS_EXPIRATION",
    "AWSUME_EXPIRATION",
    "AWS_SSO_SESSION_EXPIRATION",
    "AWS_ACCOUNT_ID",
    "AWS_CREDENTIAL_SCOPE",
)

#: By these other tools label the session that they made, and prompts show them: always unset, too.
LABELS = ("AWS_VAULT", "AWS_SSO_PROFILE", "AWSU_PROFILE", "AWS_EB_PROFILE")

#: What `assume` and `clear` unset in any case, unless it is set again.
UNSET = (*CREDENTIALS, *STALE_VARIABLES, *LABELS)

#: The ones of them that say when the keys expire, best known first.
EXPIRATIONS = ("AWS_CREDENTIAL_EXPIRATION", *(name for name in STALE_VARIABLES if name.endswith("_EXPIRATION")))

#: Unset while keys are exported (SDKs disagree on which wins), and restored by `clear`.
PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")

#: Set together, as SDKs disagree on which they read, and restored by `clear`.
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")

#: Where a variable of the user is stored until `clear` restores it.
PREVIOUS = {name: f"AWSENV_PREVIOUS_{name}" for name in (*PROFILES, *REGIONS)}

#: Where `exec --server` tells SDKs to get credentials; unset where AWSENV_SERVER says that they are its own.
SERVER = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")

#: What SDKs get credentials from while neither keys nor a profile are exported.
SOURCES = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", SERVER[0], "AWS_WEB_IDENTITY_TOKEN_FILE")

#: awsenv's own. AWSENV_TWIN is what `assume --live` exported as AWS_PROFILE where that is not AWSENV_PROFILE: a profile
#: by which SDKs get the credentials of that one from awsenv. AWSUME_PROFILE is the name under which starship and
#: powerlevel10k look for a profile that is not AWS_PROFILE; only awsume itself acts on it.
OWN = (
    "AWSENV_PROFILE",
    "AWSENV_EXPIRATION",
    "AWSENV_KEY",
    "AWSENV_REGION",
    "AWSENV_OPTIONS",
    "AWSENV_TWIN",
    "AWSENV_BEFORE",
    "AWSENV_SERVER",
    *PREVIOUS.values(),
    "AWSENV_PREVIOUS_AWS_CONFIG_FILE",
    "AWSUME_PROFILE",
)

#: Where other tools, and people, put the name of the profile whose keys they export, the most reliable first.
PROFILE_HINTS = (*LABELS[:3], "AWSUME_PROFILE", *PROFILES)

#: Every name that awsenv sets or unsets, beside those of `exec --server`; never a sweep over AWS_*.
TABLE = (*UNSET, *PROFILES, *REGIONS, *OWN)

#: Names whose values must never be shown.
SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")

#: What a shell says that refuses an assume, or a clear, or did not make the change. (Others are in `messages`, which
#: costs time: every answer has one of these.)
REFUSED = "{names} cannot be changed in this shell: readonly, or local to a function; nothing was changed"
REMAINS = "{names} stays set in this shell: readonly, or local to a function; the rest is cleared"
MIXED = "this shell does not let {names} be changed, so the credentials may be mixed; start a new shell"


def exported(environ: Mapping[str, str]) -> Exported:
    """What is exported now; see `awsenv.environment.state`."""
    from awsenv.environment import state

    return state.exported(environ)


def missing(environ: Mapping[str, str]) -> str | None:
    """The variable that is missing from a set of keys; None if it is complete."""
    key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        return "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
    # AWS rejects a temporary key without its token
    return "AWS_SESSION_TOKEN" if key.startswith("ASIA") and session_token(environ) is None else None


def is_assumed(environ: Mapping[str, str]) -> bool:
    """Whether `assume` has exported what is here: these keys, or what SDKs obtain credentials from by themselves."""
    profile, key = environ.get("AWSENV_PROFILE"), environ.get("AWS_ACCESS_KEY_ID", "")
    if not profile:
        return False
    if key or environ.get("AWS_SECRET_ACCESS_KEY"):
        return missing(environ) is None and environ.get("AWSENV_KEY") == key[-8:]
    by_profile = environ.get("AWS_PROFILE") in (profile, environ.get("AWSENV_TWIN") or None)
    return by_profile or bool(environ.get(SERVER[0]))


def named(profile: str, options: str) -> str:
    """What to call a session of a profile, or of a role that is named alone: `project1`, or `user1>admin` where the
    options of `assume` name a role.
    """
    if "--role-arn=" not in options and "--chain=" not in options:
        return profile
    from awsenv.environment import roles

    return roles.named(profile, options)


def active_profile(environ: Mapping[str, str]) -> str | None:
    """The profile that the variables name for all programs; an empty text, which breaks every AWS tool, is one, too."""
    named = [environ[variable] for variable in PROFILES if variable in environ]
    return next(filter(None, named), named[0] if named else None)


def region(environ: Mapping[str, str]) -> str | None:
    """The region that the variables name for all programs; None if they name none."""
    return next((environ[variable] for variable in REGIONS if environ.get(variable)), None)


def session_token(environ: Mapping[str, str]) -> str | None:
    """The exported session token that counts: botocore's EnvProvider looks at the old name first. None without one."""
    return environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN") or None


def without_assumed(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which credentials are obtained: without what an earlier `assume` exported.

    Keys that awsenv did not export stay: `credential_source = Environment` may use them, and nothing else does.
    """
    base = applied(environ, clear(environ))
    if not is_assumed(environ):
        base.update((name, environ[name]) for name in KEYS if name in environ)
    base.update((name, environ[name]) for name in SERVER if name in environ)  # for `credential_source = EcsContainer`
    return base


# --- the change from now to then --------------------------------------------------------------------------------------


def applied(environ: Mapping[str, str], change: Change) -> dict[str, str]:
    """Return the environment after a change."""
    return {name: value for name, value in {**environ, **change}.items() if value is not None}


def clear(environ: Mapping[str, str]) -> Change:
    """The change that unsets every credential variable and restores what `assume` displaced.

    AWS_PROFILE and AWS_DEFAULT_PROFILE are unset beside keys that awsenv did not export, and they and the region when
    they are set but empty (which breaks every tool). What `assume` did to them is undone, unless they have been
    changed since: then they are the user's.
    """
    change: Change = dict.fromkeys(UNSET)
    ours = environ.get("AWSENV_PROFILE")
    foreign = not ours and any(environ.get(name) for name in (*KEYS, "AWS_SECURITY_TOKEN"))
    for name in PROFILES:
        now = environ.get(name)
        if foreign or not now or now == ours or now == environ.get("AWSENV_TWIN"):
            change[name] = environ.get(PREVIOUS[name]) or None
    region = environ.get("AWSENV_REGION")
    for name in REGIONS:
        now = environ.get(name)
        if now == "" or (region and now == region):
            change[name] = environ.get(PREVIOUS[name]) or None
    if in_server(environ):
        change.update(dict.fromkeys(SERVER))
        directory = environ.get(SERVER[1], "").removesuffix("token")
        if directory and environ.get("AWS_CONFIG_FILE") == f"{directory}config":  # its copy, and the profile there
            change["AWS_CONFIG_FILE"] = environ.get("AWSENV_PREVIOUS_AWS_CONFIG_FILE") or None
            change["AWS_PROFILE"] = environ.get(PREVIOUS["AWS_PROFILE"]) or None
    change.update(dict.fromkeys(OWN))
    return change


def in_server(environ: Mapping[str, str]) -> bool:
    """Whether SDKs get credentials from the endpoint of an `exec --server` that started this shell."""
    return bool(environ.get("AWSENV_SERVER")) and environ["AWSENV_SERVER"] == environ.get(SERVER[0])


def assume_keys(environ: Mapping[str, str], session: Session, options: str) -> Change:
    """The change that exports a session's credentials, and unsets everything that was exported before.

    `options` are those of `assume` that `refresh` repeats, as `credentials.request.to_words` writes them.
    """
    change = _replace(environ, session.profile, session.region, options, profile_variable=None)
    change["AWS_ACCESS_KEY_ID"] = session.access_key
    change["AWS_SECRET_ACCESS_KEY"] = session.secret_key
    change["AWS_SESSION_TOKEN"] = session.token
    change["AWSENV_KEY"] = session.access_key[-8:]
    change["AWSUME_PROFILE"] = named(session.profile, options)
    if session.expiration is not None:
        change["AWS_CREDENTIAL_EXPIRATION"] = expiry.format_utc(session.expiration)
        change["AWSENV_EXPIRATION"] = str(session.expiration)
    return change


def assume_profile(
    environ: Mapping[str, str], profile: str, region: str | None, options: str, twin: str | None = None
) -> Change:
    """The change that exports only AWS_PROFILE (and the region, if any): the SDK then obtains and renews by itself.

    `options` are as for `assume_keys`, and `twin` is the profile by which SDKs get the credentials of `profile` from
    awsenv, where they need one.
    """
    change = _replace(environ, profile, region, options, profile_variable=twin or profile)
    change["AWSENV_TWIN"] = twin
    return change


def assume_endpoint(environ: Mapping[str, str], profile: str, region: str | None, options: str) -> Change:
    """The change for a command that gets credentials from the endpoint of `exec --server`: neither keys nor a profile,
    but the name of the profile, which the prompts of other tools show and `refresh` can use."""
    change = _replace(environ, profile, region, options, profile_variable=None)
    change["AWSUME_PROFILE"] = named(profile, options)
    return change


def _replace(
    environ: Mapping[str, str], profile: str, region: str | None, options: str, *, profile_variable: str | None
) -> Change:
    """`clear` first, then the name, the profile variables and the region; what they displace is stored for `clear`."""
    change = clear(environ)
    restored = {name: change.get(name, environ.get(name)) for name in PREVIOUS}
    if not environ.get("AWSENV_PROFILE"):  # beside foreign keys `clear` would unset them; here they are stored
        restored.update({name: environ.get(name) for name in PROFILES})
    then: Change = {"AWS_PROFILE": profile_variable, "AWS_DEFAULT_PROFILE": None}
    if region:
        then.update(dict.fromkeys(REGIONS, region))
    change.update(then)
    change.update({PREVIOUS[name]: restored[name] or None for name in then})
    change["AWSENV_REGION"] = region or None
    change["AWSENV_PROFILE"] = profile
    change["AWSENV_OPTIONS"] = options or None
    change["AWSENV_BEFORE"] = environ.get("AWSENV_BEFORE") or None
    ours, now = environ.get("AWSENV_PROFILE"), environ.get("AWSENV_OPTIONS", "")
    if ours and (ours, now) != (profile, options):
        from awsenv.environment import roles

        if (ours, roles.parts(now)) != (profile, roles.parts(options)):  # what `assume -` goes back to
            change["AWSENV_BEFORE"] = f"{roles.encoded(ours)} {now}".rstrip()
    return change
