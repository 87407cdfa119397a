"""The only table of variables, and the changes that `assume` and `clear` make. (Hot path: lazy imports.)

`assume`, `clear`, `check`, the shell scripts and the tests of all shells take the names from here.
"""

from awsenv.aws import Credentials, Session, expiry, masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    #: A change of the environment: name -> new value, or None to unset it. Other variables stay as they are.
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

#: Set by `assume` to the values of the session, else unset. Unset by `clear`.
#: botocore's EnvProvider, the JS SDK and starship read AWS_CREDENTIAL_EXPIRATION.
CREDENTIALS = (*KEYS, "AWS_CREDENTIAL_EXPIRATION")

#: Set by other tools or by hand, and always unset: botocore prefers AWS_SECURITY_TOKEN to the session token, a stale
#: expiration makes botocore reject valid keys, a stale account or scope sends requests to the wrong place.
STALE_VARIABLES = (
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_EXPIRATION",
    "AWS_CREDENTIALS_EXPIRATION",
    "AWSUME_EXPIRATION",
    "AWS_SSO_SESSION_EXPIRATION",
    "AWS_ACCOUNT_ID",
    "AWS_CREDENTIAL_SCOPE",
)

#: Labels that other tools put on their sessions, which prompts show: always unset, too.
LABELS = ("AWS_VAULT", "AWS_SSO_PROFILE", "AWSU_PROFILE", "AWS_EB_PROFILE")

#: What `assume` and `clear` unset, unless `assume` sets it.
UNSET = (*CREDENTIALS, *STALE_VARIABLES, *LABELS)

#: Those that hold the expiration of the keys, best known first.
EXPIRATIONS = ("AWS_CREDENTIAL_EXPIRATION", *(name for name in STALE_VARIABLES if name.endswith("_EXPIRATION")))

#: Unset while keys are exported (SDKs disagree on which wins), and restored by `clear`.
PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")

#: Set together, as SDKs disagree on which they read, and restored by `clear`.
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")

#: Where a variable of the user is stored until `clear` restores it.
PREVIOUS = {name: f"AWSENV_PREVIOUS_{name}" for name in (*PROFILES, *REGIONS)}

#: The endpoint of `exec --server` for SDKs; unset if AWSENV_SERVER shows that `exec --server` has set them.
SERVER = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")

#: Where SDKs get credentials while neither keys nor a profile are exported, in botocore's order.
SOURCES = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", SERVER[0])

#: awsenv's own. AWSENV_TWIN is what `assume --live` exported as AWS_PROFILE, if that is not AWSENV_PROFILE: a profile
#: with which SDKs get the credentials of AWSENV_PROFILE from awsenv. AWSUME_PROFILE is where starship and powerlevel10k
#: look for a profile other than AWS_PROFILE; only awsume itself acts on it.
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

#: Where other tools and people put the name of the profile whose keys they export, most reliable first.
PROFILE_HINTS = (*LABELS[:3], "AWSUME_PROFILE", *PROFILES)

#: Every variable that awsenv sets or unsets, except those of SERVER; never a sweep over AWS_*.
TABLE = (*UNSET, *PROFILES, *REGIONS, *OWN)

#: Names whose values must never be shown.
SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")

#: What a shell prints if it cannot make a change. (Every snippet has one of these; the others are in `messages`, which
#: takes time to import.)
REFUSED = (
    "{names} cannot be changed in this shell: readonly, or local to a function; nothing was changed; open a new shell"
)
REMAINS = "{names} stays set in this shell: readonly, or local to a function; the rest is cleared; open a new shell"
MIXED = "this shell does not let {names} be changed, so the credentials may be mixed; start a new shell"
#: What a failing change throws in PowerShell.
ENDED = "awsenv ended with exit code {code}"


def missing(environ: "Mapping[str, str]") -> str | None:
    """Return the variable that is missing from the exported keys; None if they are complete."""
    key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        return "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
    # AWS rejects a temporary key without its token
    return "AWS_SESSION_TOKEN" if key.startswith("ASIA") and session_token(environ) is None else None


def is_assumed(environ: "Mapping[str, str]") -> bool:
    """Whether `assume` has exported what is here: these keys, or the profile or endpoint that SDKs use themselves."""
    profile, key = environ.get("AWSENV_PROFILE"), environ.get("AWS_ACCESS_KEY_ID", "")
    if not profile:
        return False
    if key or environ.get("AWS_SECRET_ACCESS_KEY"):
        return missing(environ) is None and environ.get("AWSENV_KEY") == key[-8:]
    by_profile = environ.get("AWS_PROFILE") in (profile, environ.get("AWSENV_TWIN") or None)
    return by_profile or bool(environ.get(SERVER[0]))


def named(profile: str, options: str) -> str:
    """Return the name to show for a session: `project1`, or `user1>admin` if the options of `assume` name a role."""
    if "--role-arn=" not in options and "--chain=" not in options:
        return profile
    from awsenv.environment import roles

    return roles.named(profile, options)


def active_profile(environ: "Mapping[str, str]") -> str | None:
    """Return the profile that the variables select. An empty name counts as well, as it breaks every AWS tool."""
    named = [environ[variable] for variable in PROFILES if variable in environ]
    return next(filter(None, named), named[0] if named else None)


def region(environ: "Mapping[str, str]") -> str | None:
    """Return the region that the variables select, if any."""
    return next((environ[variable] for variable in REGIONS if environ.get(variable)), None)


def session_token(environ: "Mapping[str, str]") -> str | None:
    """Return the exported session token, if any: botocore's EnvProvider reads the old name first."""
    return environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN") or None


def without_assumed(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return the environment in which to obtain credentials: without what an earlier `assume` exported.

    Keys that awsenv did not export stay, only for `credential_source = Environment`.
    """
    base = applied(environ, clear(environ))
    if not is_assumed(environ):
        base.update((name, environ[name]) for name in KEYS if name in environ)
    base.update((name, environ[name]) for name in SERVER if name in environ)  # for `credential_source = EcsContainer`
    return base


# --- changes ----------------------------------------------------------------------------------------------------------


def applied(environ: "Mapping[str, str]", change: "Change") -> dict[str, str]:
    """Return the environment after a change."""
    return {name: value for name, value in {**environ, **change}.items() if value is not None}


def clear(environ: "Mapping[str, str]") -> "Change":
    """Return the change that unsets every credential variable and restores what `assume` displaced.

    AWS_PROFILE and AWS_DEFAULT_PROFILE are also unset beside keys that awsenv did not export; they and the region are
    also unset if they are empty (which breaks every tool). What the user has changed since `assume` stays.
    """
    change: Change = dict.fromkeys(UNSET)
    ours, twin = environ.get("AWSENV_PROFILE"), environ.get("AWSENV_TWIN")
    foreign = not ours and any(environ.get(name) for name in (*KEYS, "AWS_SECURITY_TOKEN"))
    displaced = [name for name in PROFILES if foreign or environ.get(name, "") in ("", ours, twin)]
    displaced += [name for name in REGIONS if name in environ and environ[name] in ("", environ.get("AWSENV_REGION"))]
    if in_server(environ):
        change.update(dict.fromkeys(SERVER))
        directory = environ.get(SERVER[1], "").removesuffix("token")
        if directory and environ.get("AWS_CONFIG_FILE") == f"{directory}config":  # its copy, with a profile of its own
            change["AWS_CONFIG_FILE"] = environ.get("AWSENV_PREVIOUS_AWS_CONFIG_FILE") or None
            displaced.append("AWS_PROFILE")
    change.update({name: environ.get(PREVIOUS[name]) or None for name in displaced})
    change.update(dict.fromkeys(OWN))
    return change


def in_server(environ: "Mapping[str, str]") -> bool:
    """Whether SDKs get credentials from the endpoint of the `exec --server` that started this shell."""
    return bool(environ.get("AWSENV_SERVER")) and environ["AWSENV_SERVER"] == environ.get(SERVER[0])


def assume_keys(environ: "Mapping[str, str]", session: Session, options: str) -> "Change":
    """Return the change that exports a session's credentials and unsets everything exported before.

    `options` are those of `assume` that `refresh` repeats, as `credentials.request.encode_options` writes them.
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
    environ: "Mapping[str, str]", profile: str, region: str | None, options: str, twin: str | None = None
) -> "Change":
    """Return the change that exports only AWS_PROFILE and the region, if any: SDKs obtain and renew by themselves.

    `options` are as for `assume_keys`; `twin` is the profile with which SDKs get the credentials of `profile` from
    awsenv, if they need one.
    """
    change = _replace(environ, profile, region, options, profile_variable=twin or profile)
    change["AWSENV_TWIN"] = twin
    return change


def assume_endpoint(environ: "Mapping[str, str]", profile: str, region: str | None, options: str) -> "Change":
    """Return the change for a command that gets credentials from the endpoint of `exec --server`.

    It exports neither keys nor a profile, only the profile's name, for `refresh` and for the prompts of other tools.
    """
    change = _replace(environ, profile, region, options, profile_variable=None)
    change["AWSUME_PROFILE"] = named(profile, options)
    return change


def _replace(
    environ: "Mapping[str, str]", profile: str, region: str | None, options: str, *, profile_variable: str | None
) -> "Change":
    """`clear`, then the name, the profile variables and the region; what they displace is stored."""
    change = clear(environ)
    displaced = {name: change.get(name, environ.get(name)) for name in PREVIOUS}
    if not environ.get("AWSENV_PROFILE"):  # beside foreign keys `clear` unsets them; here they are stored
        displaced.update({name: environ.get(name) for name in PROFILES})
    new: Change = {"AWS_PROFILE": profile_variable, "AWS_DEFAULT_PROFILE": None}
    if region:
        new.update(dict.fromkeys(REGIONS, region))
    change.update(new)
    change.update({PREVIOUS[name]: displaced[name] or None for name in new})
    change["AWSENV_REGION"] = region or None
    change["AWSENV_PROFILE"] = profile
    change["AWSENV_OPTIONS"] = options or None
    change["AWSENV_BEFORE"] = _before(environ, profile, options)
    return change


def _before(environ: "Mapping[str, str]", profile: str, options: str) -> str | None:
    """Return the target of `assume -`: profile and options of the last session that had other credentials."""
    ours, now = environ.get("AWSENV_PROFILE"), environ.get("AWSENV_OPTIONS", "")
    if ours and (ours, now) != (profile, options):
        from awsenv.environment import roles

        if (ours, roles.parts(now)) != (profile, roles.parts(options)):
            return f"{roles.encoded(ours)} {now}".rstrip()
    return environ.get("AWSENV_BEFORE") or None
