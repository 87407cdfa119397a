"""The one table of variables, what is exported now, and the change from now to then. (Hot path: no imports.)

`assume`, `clear`, `check`, the shell scripts and the tests of all shells take their names from here.
"""

from __future__ import annotations

from awsenv.aws import expiry
from awsenv.aws.expiry import ROLE_AT_MOST, USER_AT_MOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

__all__ = [
    "CREDENTIALS",
    "EXPIRATIONS",
    "FINGERPRINT",
    "KEYS",
    "LABELS",
    "OWN",
    "PREVIOUS",
    "PROFILES",
    "PROFILE_HINTS",
    "REFUSED",
    "REGIONS",
    "REMAINS",
    "ROLE_AT_MOST",
    "SECRETS",
    "SERVER",
    "SOURCES",
    "STALE_VARIABLES",
    "TABLE",
    "UNSET",
    "USER_AT_MOST",
    "Change",
    "Credentials",
    "Exported",
    "Session",
    "active_profile",
    "assume_endpoint",
    "assume_keys",
    "assume_profile",
    "clear",
    "encoded",
    "expiry",
    "exported",
    "in_server",
    "masked",
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

#: What decides whose the exported credentials are and when they expire, beside the secrets. While it is the same, the
#: state of the prompt is.
FINGERPRINT = (
    "AWS_ACCESS_KEY_ID",
    "AWSENV_PROFILE",
    "AWSENV_KEY",
    "AWSENV_EXPIRATION",
    SERVER[0],
    *PROFILE_HINTS,
    *EXPIRATIONS,
)

#: Every name that awsenv sets or unsets, beside those of `exec --server`; never a sweep over AWS_*.
TABLE = (*UNSET, *PROFILES, *REGIONS, *OWN)

#: Names whose values must never be shown.
SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")

#: What a shell says that refuses an assume, and a clear. With the other sentences of the shells they are in `messages`;
#: they are here because every answer has one, and importing that module costs time.
REFUSED = "{names} cannot be changed in this shell: readonly, or local to a function; nothing was changed"
REMAINS = "{names} stays set in this shell: readonly, or local to a function; the rest is cleared"

if TYPE_CHECKING:
    #: A change of the environment: name -> new value, or None to unset. Names that are not in it stay as they are.
    Change: TypeAlias = dict[str, str | None]


# --- what is exported now ---------------------------------------------------------------------------------------------


class Exported:
    """What the environment holds, as `check`, `prompt` and `refresh` need it.

    Attributes:
        name: the name to show: the profile and the roles assumed with it (`named`), else what another tool says, else
            `****` and the last four of the key id.
        profile: the name that was given to `assume`; None if awsenv did not export this.
        mode: "keys"; "profile", if SDKs obtain and renew credentials by themselves (by AWS_PROFILE, or the endpoint
            of `awsenv exec --server`); None, if nothing is exported.
        missing: the variable that is missing from a set of keys, or None.
        temporary: whether there is a session token, so that the keys expire.
        expiration: epoch seconds, None if the credentials do not expire or it is unknown.
    """

    __slots__ = ("expiration", "missing", "mode", "name", "profile", "temporary")

    def __init__(
        self,
        name: str,
        profile: str | None,
        mode: str | None,
        *,
        missing: str | None = None,
        temporary: bool = False,
        expiration: int | None = None,
    ) -> None:
        self.name = name
        self.profile = profile
        self.mode = mode
        self.missing = missing
        self.temporary = temporary
        self.expiration = expiration


def exported(environ: Mapping[str, str]) -> Exported:
    """What is exported now.

    An expiration counts only if it belongs to the keys: AWSENV_KEY has the last eight characters of the key id that
    AWSENV_EXPIRATION was set for, and new keys may have been pasted since. Then, or without awsenv, the expiration
    variables of other tools are read, but not the one that our own `assume` left behind. A time without a zone is
    local, as awsume's is.
    """
    key = environ.get("AWS_ACCESS_KEY_ID", "")
    secret = environ.get("AWS_SECRET_ACCESS_KEY", "")
    temporary = session_token(environ) is not None
    profile = environ.get("AWSENV_PROFILE") or None
    if not key and not secret:
        renewed = environ.get("AWS_PROFILE") in (profile, environ.get("AWSENV_TWIN") or None) or environ.get(SERVER[0])
        shown = named(profile or "", environ.get("AWSENV_OPTIONS", ""))
        return Exported(shown, profile, "profile") if profile and renewed else Exported("", None, None)

    missing = None if key and secret else "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
    if missing is None and key.startswith("ASIA") and not temporary:  # AWS rejects such a key without its token
        missing = "AWS_SESSION_TOKEN"
    ours = environ.get("AWSENV_EXPIRATION", "")
    ours_expiration = int(ours) if ours.isdigit() and ours.isascii() and len(ours) <= 12 else None
    if profile is not None and missing is None and environ.get("AWSENV_KEY") == key[-8:]:
        name = named(profile, environ.get("AWSENV_OPTIONS", ""))
        return Exported(name, profile, "keys", missing=missing, temporary=temporary, expiration=ours_expiration)

    expiration = None
    for variable in EXPIRATIONS:
        expiration = expiry.parse(environ.get(variable, ""), local=True)
        if expiration is not None and expiration != ours_expiration:
            break
        expiration = None
    hints = {variable: environ.get(variable) for variable in PROFILE_HINTS}
    if profile and hints["AWSUME_PROFILE"] in (profile, named(profile, environ.get("AWSENV_OPTIONS", ""))):  # our own
        hints["AWSUME_PROFILE"] = None
    name = next(filter(None, hints.values()), f"****{key[-4:]}")
    return Exported(name, None, "keys", missing=missing, temporary=temporary, expiration=expiration)


def named(profile: str, options: str) -> str:
    """What to call a session: `project1`, or `user1>admin` where options name a role to assume.

    Args:
        profile: the name that was given to `assume`, or that of the role where none was given.
        options: of `assume`, as `credentials.request.to_words` writes them.
    """
    if "--role-arn=" not in options and "--chain=" not in options:
        return profile
    from awsenv.environment import roles

    return roles.named(profile, options)


def active_profile(environ: Mapping[str, str]) -> str | None:
    """The profile that the variables name for all programs.

    Returns:
        Its name; an empty text if a variable is set but empty, which breaks every AWS tool; None if none is set.
    """
    named = [environ[variable] for variable in PROFILES if variable in environ]
    return next(filter(None, named), named[0] if named else None)


def region(environ: Mapping[str, str]) -> str | None:
    """The region that the variables name for all programs; None if they name none."""
    return next((environ[variable] for variable in REGIONS if environ.get(variable)), None)


def session_token(environ: Mapping[str, str]) -> str | None:
    """The exported session token that counts: botocore's EnvProvider looks at the old name first. None without one."""
    return environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN") or None


def masked(value: str) -> str:
    """A key as it may be shown: its last four characters, if it is long enough to hide the rest."""
    return f"…{value[-4:]}" if len(value) >= 16 else "…"


def without_assumed(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which credentials are obtained: without what an earlier `assume` exported.

    Keys that awsenv did not export stay: `credential_source = Environment` may use them, and nothing else does.
    """
    base = {key: value for key, value in {**environ, **clear(environ)}.items() if value is not None}
    if exported(environ).profile is None:
        base.update((name, environ[name]) for name in KEYS if name in environ)
    base.update((name, environ[name]) for name in SERVER if name in environ)  # for `credential_source = EcsContainer`
    return base


# --- what is to be exported -------------------------------------------------------------------------------------------


class Credentials:
    """One set of credentials. Its repr holds no secret.

    Attributes:
        access_key: the access key id.
        secret_key: the secret access key.
        token: the session token, None for long-term keys.
        expiration: epoch seconds, or None if they do not expire or it is unknown when.
    """

    __slots__ = ("access_key", "expiration", "secret_key", "token")

    def __init__(
        self, access_key: str, secret_key: str, token: str | None = None, expiration: int | None = None
    ) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.expiration = expiration

    def __repr__(self) -> str:
        return f"{type(self).__name__}({masked(self.access_key)}, expiration={self.expiration})"


class Session(Credentials):
    """Credentials, ready to be exported.

    Attributes:
        profile: the name that was asked for.
        region: the region to export, or None.
        hint: what else is worth knowing of it.
        is_static: whether these are keys that are written in a file, so that obtaining them again yields the same.
    """

    __slots__ = ("hint", "is_static", "profile", "region")

    def __init__(
        self,
        profile: str,
        access_key: str,
        secret_key: str,
        *,
        token: str | None,
        expiration: int | None,
        region: str | None,
        hint: str = "",
        is_static: bool = False,
    ) -> None:
        super().__init__(access_key, secret_key, token, expiration)
        self.profile = profile
        self.region = region
        self.hint = hint
        self.is_static = is_static


# --- the change from now to then --------------------------------------------------------------------------------------


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

    Args:
        environ: the environment now.
        session: the credentials.
        options: the options of `assume` that `refresh` repeats, as `commands.assume` encodes them.
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

    Args:
        environ: the environment now.
        profile: what was asked for.
        region: the region to export, or None.
        options: as for `assume_keys`.
        twin: the profile by which SDKs get the credentials of `profile` from awsenv; None if they need none.
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
    change["AWSENV_BEFORE"] = _before(environ, profile, options)
    return change


def _before(environ: Mapping[str, str], profile: str, options: str) -> str | None:
    """What `assume -` assumes after the change: the profile and the options of now, if those of then are another
    profile's or role's; else as before."""
    ours, now = environ.get("AWSENV_PROFILE"), environ.get("AWSENV_OPTIONS", "")
    if not ours or (ours, _roles(now)) == (profile, _roles(options)):
        return environ.get("AWSENV_BEFORE") or None
    return f"{encoded(ours)} {now}".rstrip()


def _roles(options: str) -> list[str]:
    """Those of the options that say whose credentials these are."""
    return [word for word in options.split(" ") if word.startswith(("--role-arn=", "--chain=", "--source-profile="))]


def encoded(text: str) -> str:
    """A text that every shell can hold in a variable, and that has no blank: percent-encoded."""
    return "".join(
        chr(byte) if (chr(byte).isalnum() and byte < 0x80) or chr(byte) in "-=:/.,@+_" else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogateescape")
    )
