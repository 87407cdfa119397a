"""What is wrong with the AWS config and credentials files."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from awsenv.args import nearest
from awsenv.aws import paths as aws_paths
from awsenv.aws.config_files import File, is_utf8, sdk_encoding
from awsenv.aws.key_id import account_of
from awsenv.doctor.check import ERROR, NOTE, WARNING, Found, check, found
from awsenv.doctor.checks.chains import walk
from awsenv.doctor.context import Scene
from awsenv.result import AwsenvError
from awsenv.system import files
from awsenv.system.redaction import without_password

__all__ = ["endpoints", "host_of", "is_of_aws"]

#: The variables that name the two files, and what the files are called where no variable does.
_FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}

_LARGEST = 1 << 20  # bytes of a file with keys; those of older tools have a few hundred

_SECRETS = ("aws_secret_access_key", "aws_session_token", "aws_security_token")


# --- files that cannot be read ----------------------------------------------------------------------------------------


@check(
    "config-unreadable",
    ERROR,
    cure="mend that line",
    errors=("ConfigParseError", "Unable to parse config file"),
)
def config_unreadable(scene: Scene) -> Iterator[Found]:
    """One line that is neither a section nor a setting, a section or a setting that stands twice, or an encoding that
    is neither UTF-8 nor the locale's (a byte order mark, the UTF-16 of PowerShell's >): AWS tools then refuse the whole
    file, with all of its profiles."""
    if scene.unreadable is not None:
        yield found(scene.unreadable.what, cure=scene.unreadable.cure)
        return
    for file in (scene.profiles.config, scene.profiles.credentials):
        for header in file.places:  # also those of other sections than profiles
            try:
                file.section(header)
            except AwsenvError as error:
                yield found(error.what, cure=error.cure)
                return


@check(
    "config-encoding",
    WARNING,
    cure="write these lines in ASCII, or the file in UTF-8, with PYTHONUTF8=1 for boto3 "
    "and AWS_CLI_FILE_ENCODING=UTF-8 for the AWS CLI",
    errors=("ProfileNotFound", "The config profile could not be found"),
)
def config_encoding(scene: Scene) -> Iterator[Found]:
    """boto3 and the AWS CLI read the AWS files in the encoding of the locale (on Windows cp1252, say), all other SDKs
    read UTF-8. Where those differ, a name or path beyond ASCII is another one for some of them, and they find no such
    profile or no such program."""
    sdk = sdk_encoding()
    for file in (scene.profiles.config, scene.profiles.credentials):
        lines = file.beyond_ascii()
        if not lines or (is_utf8(sdk) and is_utf8(file.encoding)):
            continue
        where = [f"{file.path}:{number}" for number in lines]
        if is_utf8(file.encoding):
            yield found(f"{file.path} is UTF-8, and boto3 and the AWS CLI read it as {sdk} here", *where)
        else:
            told = f"{file.path} is not UTF-8: boto3 and awsenv read it as {file.encoding}, other SDKs as UTF-8"
            yield found(told, *where)


@check(
    "config-file-missing",
    WARNING,
    cure="name a file that is there",
    errors=("ProfileNotFound", "NoCredentialsError", "The config profile could not be found"),
)
def config_file_missing(scene: Scene) -> Iterator[Found]:
    """AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE take the place of ~/.aws/config and ~/.aws/credentials. If the
    file that they name is not there, AWS tools say nothing of it: all of its profiles are just gone."""
    for variable, path in _named_files(scene.environ).items():
        if os.path.exists(path):
            continue
        value = scene.environ[variable]
        said = f"names {path}, which is not there" if value else "is set, but empty: no file is read"
        severity = NOTE if scene.has_keys and scene.named is None else ""
        yield found(f"{variable} {said}", f"{variable}={value}", cure=f"unset {variable}", severity=severity)


def _named_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Variable -> the file that it names."""
    paths = {"AWS_CONFIG_FILE": aws_paths.config_file, "AWS_SHARED_CREDENTIALS_FILE": aws_paths.credentials_file}
    return {variable: path(environ) for variable, path in paths.items() if variable in environ}


@check(
    "profile-in-other-file",
    ERROR,
    cure="unset AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE",
    errors=("ProfileNotFound", "The config profile could not be found"),
)
def profile_in_other_file(scene: Scene) -> Iterator[Found]:
    """The profile stands in ~/.aws, but AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE has AWS tools read another file
    instead, in which it is not."""
    variables = _named_files(scene.environ)
    if not variables or scene.profile is None or scene.profile in scene.profiles:
        return
    usual = {name: value for name, value in scene.environ.items() if name not in variables}
    with suppress(AwsenvError):
        other = Scene(usual, scene.now, scene.named)
        if other.unreadable is None and scene.profile in other.profiles:
            yield found(
                f"profile {scene.profile} is not in {' and not in '.join(variables.values())}",
                other.where(scene.profile),
                *(f"{variable}={scene.environ[variable]}" for variable in variables),
                cure=f"unset {' '.join(variables)}",
            )


@check("home-of-another", WARNING, cure="run it as yourself, or with your own HOME")
def home_of_another(scene: Scene) -> Iterator[Found]:
    """AWS tools look for ~/.aws where HOME says. Under sudo, in a service or in a container that is not the home of who
    made the files, and they find none."""
    if scene.platform == "win32" or any(variable in scene.environ for variable in _FILES):
        return
    if any(os.path.exists(os.path.join(aws_paths.home(scene.environ), ".aws", name)) for name in _FILES.values()):
        return
    for who, home, caller in _accounts(scene.environ):
        path = os.path.join(home, ".aws")
        if aws_paths.same(home, aws_paths.home(scene.environ)):
            continue
        if any(os.path.exists(os.path.join(path, name)) for name in _FILES.values()):
            said = f"HOME is {aws_paths.home(scene.environ)}, which has no .aws, and {who} has one in {home}"
            # with the caller's HOME, root would write files of its own into the caller's caches
            cure = f"run it as that user: sudo -u {shlex.quote(caller)} COMMAND" if caller else ""
            yield found(
                said,
                f"HOME={aws_paths.home(scene.environ)}",
                path,
                severity=NOTE if caller else "",
                cure=cure or f"export HOME={shlex.quote(home)}",
            )
            return


def _accounts(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Who may have made the files, where their home is, and the name of that user, if it is the one who called sudo."""
    import pwd

    with suppress(KeyError):
        if environ.get("SUDO_USER"):
            caller = pwd.getpwnam(environ["SUDO_USER"])
            yield f"{caller.pw_name}, who called sudo,", caller.pw_dir, caller.pw_name
    with suppress(KeyError):
        account = pwd.getpwuid(os.geteuid())
        yield f"the account {account.pw_name}", account.pw_dir, ""


@check("files-open-to-others", WARNING, cure="chmod 600 FILE")
def files_open_to_others(scene: Scene) -> Iterator[Found]:
    """Secret keys and tokens stand in the file, and other users of this machine can read or change it."""
    if scene.platform == "win32":
        return
    for file in (scene.profiles.credentials, scene.profiles.config):
        try:
            mode = os.stat(file.path).st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & 0o066 and _keeps_modes(file.path) and _has_secrets(file):
            said = "change" if mode & 0o022 else "read"
            cure = f"chmod 600 {shlex.quote(file.path)}"
            yield found(f"others can {said} {file.path}", f"mode {stat.S_IMODE(mode):o}", cure=cure)


def _keeps_modes(path: str) -> bool:
    """Whether chmod does anything there: in WSL, on a drive of Windows, all files have mode 777, and keep it."""
    return "microsoft" not in os.uname().release.lower() or not re.match("/mnt/[a-z]/", os.path.realpath(path))


def _has_secrets(file: File) -> bool:
    return any(secret in file.section(header) for header in file.places for secret in _SECRETS)


# --- headers ----------------------------------------------------------------------------------------------------------


# What a header of one word can be, beside a profile that lacks its prefix.
_OTHER_SECTIONS = ("preview", "plugins", "profile", "sso-session", "services")


@check(
    "profile-prefix-missing",
    WARNING,
    cure="write [profile NAME] there",
    errors=("ProfileNotFound", "The config profile could not be found"),
)
def profile_prefix_missing(scene: Scene) -> Iterator[Found]:
    """In the config file the section of a profile is called [profile NAME]; only [default] goes without. What stands
    under [NAME] there nobody reads."""
    config = scene.profiles.config
    for header in config.headers():
        if header in _OTHER_SECTIONS or header.lower() == "default" or len(header.split()) != 1:
            continue
        settings = config.section(header)
        if not any(_is_of_profile(name) for name in settings):
            continue
        if header in scene.profiles and scene.profiles.header(header) in config.places:
            yield found(f"[{header}] in the config file is not read: [profile {header}] is", _at(config, header))
            continue
        missed = _is_wanted(scene, header) and header not in scene.profiles
        yield found(
            f"[{header}] in the config file is not read: a profile's section begins with profile",
            _at(config, header),
            severity=ERROR if missed else "",
            cure=f"write [profile {header}] in that line",
        )


def _is_of_profile(setting: str) -> bool:
    return setting.startswith(("aws_", "sso_", "credential_", "role_", "cli_", "mfa_", "duration_")) or setting in (
        "region",
        "output",
        "source_profile",
        "login_session",
        "web_identity_token_file",
        "external_id",
    )


def _is_wanted(scene: Scene, name: str) -> bool:
    """Whether it is the profile that counts, or one that it draws on."""
    return name == scene.profile or any(hop.settings.get("source_profile") == name for hop in walk(scene))


def _at(file: File, header: str) -> str:
    return f"{file.path}:{file.line(header)}"


@check(
    "profile-header-malformed",
    WARNING,
    cure='write [profile NAME] there, a name with blanks in quotes: [profile "my project"]',
    errors=("ProfileNotFound", "The config profile could not be found"),
)
def profile_header_malformed(scene: Scene) -> Iterator[Found]:
    """A header of the config file that is almost one of a profile is none: profile is written in lower case, and a name
    with blanks stands in quotes. What stands under it nobody reads."""
    config = scene.profiles.config
    read = {scene.profiles.header(name) for name in scene.profiles.names()}
    for header in config.headers():
        first, _, rest = header.strip().partition(" ")
        if first.lower() != "profile" or header in read or not rest.strip():
            continue
        name = rest.strip().strip("'\"")
        if name in scene.profiles and scene.profiles.header(name) in config.places:
            continue  # of two headers for one profile, the one that is not read
        quoted = f'"{name}"' if " " in name else name
        yield found(
            f"[{header}] in the config file is not read as a profile",
            _at(config, header),
            severity=ERROR if _is_wanted(scene, name) and name not in scene.profiles else "",
            cure=f"write [profile {quoted}] in that line",
        )


@check(
    "profile-prefix-in-credentials",
    WARNING,
    cure="write [NAME] there",
    errors=("ProfileNotFound", "NoCredentialsError", "must have credentials"),
)
def profile_prefix_in_credentials(scene: Scene) -> Iterator[Found]:
    """In the credentials file the section of a profile is called [NAME]. [profile NAME] there is a profile of that
    whole name, with the word profile in it."""
    credentials = scene.profiles.credentials
    for header in credentials.headers():
        first, _, name = header.partition(" ")
        name = name.strip().strip("'\"")
        if first == "profile" and name:
            lost = _is_wanted(scene, name) and name not in credentials.places
            yield found(
                f"[{header}] in the credentials file is not profile {name}",
                _at(credentials, header),
                severity=ERROR if lost else "",
                cure=f"write [{name}] in that line",
            )


@check(
    "default-misspelled",
    WARNING,
    cure="write [default] there",
    errors=("NoCredentialsError", "NoRegionError", "Unable to locate credentials"),
)
def default_misspelled(scene: Scene) -> Iterator[Found]:
    """The default profile is [default], in lower case. [Default] is another profile, and [DEFAULT] none at all: its
    settings go to every profile of the file."""
    for file in (scene.profiles.config, scene.profiles.credentials):
        for header in file.headers():
            if header.lower() != "default" or header == "default":
                continue
            every = header == "DEFAULT"
            said = "hands its settings to every profile of the file" if every else "is not the default profile"
            lost = scene.profile == "default" and "default" not in scene.profiles
            severity = ERROR if lost else ""
            yield found(f"[{header}] {said}", _at(file, header), severity=severity, cure="write [default] in that line")


# --- values -----------------------------------------------------------------------------------------------------------

# In these no quotation mark and no blank before # or ; can be meant. (Not credential_process: that is a command.)
_PLAIN = (
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "region",
    "output",
    "role_arn",
    "source_profile",
    "credential_source",
    "mfa_serial",
    "duration_seconds",
    "role_session_name",
    "external_id",
    "sso_session",
    "sso_start_url",
    "sso_region",
    "sso_account_id",
    "sso_role_name",
    "login_session",
    "web_identity_token_file",
    "endpoint_url",
    "services",
)


def _values(scene: Scene) -> Iterator[tuple[str, str, str, str]]:
    """Whose, which setting, its value and where: of the profiles that count, and of the sign-in that they name."""
    for hop in walk(scene):
        for setting in _PLAIN:
            if hop.settings.get(setting):
                yield hop.who, setting, hop.settings[setting], scene.where(hop.profile, setting)
        session = hop.settings.get("sso_session")
        header = f"sso-session {session}"
        if session and header in scene.profiles.config.places:
            config = scene.profiles.config
            for setting, value in config.section(header).items():
                if setting in _PLAIN and isinstance(value, str):
                    yield f"[{header}]", setting, value, f"{config.path}:{config.line(header, setting)}"


@check(
    "quotes-in-value",
    ERROR,
    cure="remove the quotation marks in that line",
    errors=("InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidRegionError", "InvalidConfigError"),
)
def quotes_in_value(scene: Scene) -> Iterator[Found]:
    """AWS tools take all that stands behind = as it is: quotation marks are part of the value, and the key, the region
    or the profile of that name is not known to anybody."""
    for who, setting, value, where in _values(scene):
        known = setting == "source_profile" and value in scene.profiles
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and not known:
            yield found(f"{who} has {setting} in quotation marks", where)


@check(
    "comment-in-value",
    ERROR,
    cure="move the comment to a line of its own",
    errors=("InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidRegionError", "InvalidConfigError"),
)
def comment_in_value(scene: Scene) -> Iterator[Found]:
    """A comment has a line of its own in the AWS files. What stands behind a value, # and all, is part of it."""
    for who, setting, value, where in _values(scene):
        known = setting == "source_profile" and value in scene.profiles
        if re.search(r"[ \t][#;]", value) and not known:
            yield found(f"{who} has a comment in the value of {setting}", where)


@check(
    "value-over-lines",
    ERROR,
    cure="write the value on one line, and begin no other line with a blank",
    errors=("HTTPClientError", "Invalid header value", "SignatureDoesNotMatch"),
)
def value_over_lines(scene: Scene) -> Iterator[Found]:
    """A line that begins with a blank goes on with the value of the line before. A token that was wrapped when it was
    copied, or an indented setting, makes a value with a newline in it, which no AWS tool can use."""
    for who, setting, value, where in _values(scene):
        if "\n" in value:
            yield found(f"{who} has {setting} on {value.count(chr(10)) + 1} lines", where)


# --- other files, of older tools --------------------------------------------------------------------------------------


@check(
    "boto-leftovers",
    NOTE,
    cure="remove the keys from that file",
    errors=("ConfigNotFound", "The specified config file could not be found", "InvalidClientTokenId"),
)
def boto_leftovers(scene: Scene) -> Iterator[Found]:
    """Where no other credentials are found, AWS tools still read the files of the tools before them:
    AWS_CREDENTIAL_FILE, BOTO_CONFIG, /etc/boto.cfg and ~/.boto. What was left there years ago is used, or fails, in
    place of what is meant."""
    hops = walk(scene)
    web_identity = bool(scene.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"))
    unused = (scene.has_keys and scene.named is None) or (bool(hops) and hops[0].kind != "none") or web_identity
    severity = "" if unused else WARNING
    path = scene.environ.get("AWS_CREDENTIAL_FILE")
    if path is not None:
        expanded, text = _expanded(scene, path), "AWS_CREDENTIAL_FILE"
        shown = f"{text}={path}"
        if not os.path.exists(expanded):
            yield found(
                f"{text} names a file that is not there", shown, cure=f"unset {text}", severity=severity and ERROR
            )
        elif re.search(r"(?m)^AWSAccessKeyId\s*=", _text(expanded)):
            yield found(
                f"the keys in {expanded} {'are not' if unused else 'are'} used",
                shown,
                cure=f"unset {text}",
                severity=severity,
            )
        else:
            said = f"{text} is not what AWS tools read profiles from: that is AWS_SHARED_CREDENTIALS_FILE"
            yield found(said, shown, cure=f"unset {text}")
    named = scene.environ.get("BOTO_CONFIG")
    for path in ["/etc/boto.cfg", "~/.boto"] if named is None else [named]:
        expanded = _expanded(scene, path)
        if re.search(r"(?m)^aws_access_key_id\s*[=:]", _text(expanded)):
            evidence = [expanded] if named is None else [f"BOTO_CONFIG={named}"]
            said = f"the keys in {expanded}, a file of boto 2, {'are not' if unused else 'are'} used"
            yield found(said, *evidence, severity=severity)


def _expanded(scene: Scene, path: str) -> str:
    return aws_paths.home(scene.environ) + path[1:] if path.startswith("~/") else path


def _text(path: str) -> str:
    """The text of a file, empty if there is none that can be read."""
    try:
        return (files.read_regular(path, _LARGEST) or b"").decode()
    except (OSError, ValueError):
        return ""


# --- endpoints --------------------------------------------------------------------------------------------------------

#: What hands out credentials, or says whose they are.
_OF_CREDENTIALS = ("", "STS", "SSO", "SSO_OIDC", "SIGNIN")


def endpoints(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """Service (empty: all of them), URL and where it is said; those that count, in botocore's order.

    See ConfiguredEndpointProvider in botocore.configprovider.
    """
    if scene.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return
    told = set()
    for name, url in sorted(scene.environ.items()):
        match = re.fullmatch("AWS_ENDPOINT_URL(?:_(.+))?", name)
        if match and url:
            told.add(match[1] or "")
            yield match[1] or "", url, f"{name}={_shown(url)}"
    in_force = scene.profile or scene.environ.get("AWS_PROFILE") or "default"
    if in_force not in scene.profiles:
        return
    if (scene.profiles.text(in_force, "ignore_configured_endpoint_urls") or "").lower() == "true":
        return
    config = scene.profiles.config
    header = f"services {scene.profiles.text(in_force, 'services')}"
    for service, block in (config.section(header) if header in config.places else {}).items():
        url = block.get("endpoint_url", "") if isinstance(block, dict) else ""
        if url and service.upper() not in told and "" not in told:
            told.add(service.upper())
            yield service.upper(), url, f"{config.path}:{config.line(header, service)}"
    url = scene.profiles.text(in_force, "endpoint_url") or ""
    if url and "" not in told:
        yield "", url, scene.where(in_force, "endpoint_url")


@check(
    "endpoint-override",
    NOTE,
    cure="remove what names the endpoint",
    errors=("InvalidClientTokenId", "UnrecognizedClientException", "EndpointConnectionError", "SignatureDoesNotMatch"),
)
def endpoint_override(scene: Scene) -> Iterator[Found]:
    """Requests go to another server than AWS's own: a test server, a proxy, another maker's storage. Keys of AWS are
    not known there, and its sessions are not known to AWS, which calls their token invalid."""
    real = _has_keys_of_aws(scene)
    for service, url, where in endpoints(scene):
        host = host_of(url)
        if host is None:
            continue  # of which another check tells
        requests = f"requests to {service}" if service else "all requests"
        cure = f"unset {where.partition('=')[0]}" if where.startswith("AWS_") else ""
        if is_of_aws(host):
            if not service:  # one service's endpoint cannot serve the others
                said = f"all requests go to {host}, whatever the service"
                yield found(said, where, severity=WARNING, cure=cure)
            continue
        mixed = real and service in _OF_CREDENTIALS
        said = f"{requests} go to {host}, not to AWS{', with keys of AWS' if mixed else ''}"
        yield found(said, where, severity=WARNING if mixed else "", cure=cure)


@check(
    "endpoint-malformed",
    ERROR,
    cure="write it like http://127.0.0.1:4566",
    errors=("ValueError", "Invalid endpoint"),
)
def endpoint_malformed(scene: Scene) -> Iterator[Found]:
    """An endpoint is a URL: it begins with http:// or https://. boto3 and the AWS CLI refuse to start with another."""
    for _, url, where in endpoints(scene):
        if host_of(url) is None:
            cure = f"unset {where.partition('=')[0]}" if where.startswith("AWS_") else ""
            yield found(f"the endpoint {_shown(url)!r} is no URL", where, cure=cure)


@check(
    "services-section-missing",
    ERROR,
    cure="remove the line with services",
    errors=("InvalidConfigError", "the services configuration does not exist"),
)
def services_section_missing(scene: Scene) -> Iterator[Found]:
    """The profile names a section [services NAME] with endpoints, and there is none: boto3 and the AWS CLI then refuse
    to make any client."""
    name = scene.profile or scene.environ.get("AWS_PROFILE") or "default"
    services = scene.profiles.text(name, "services")
    if services is None:
        return
    names = [
        header.split(maxsplit=1)[1] for header in scene.profiles.config.headers() if header.startswith("services ")
    ]
    if services not in [name.strip("'\"") for name in names]:
        near = nearest(services, names)
        cure = f"write services = {near[0]} in that line" if near else ""
        yield found(
            f"profile {name} names [services {services}], which is not there", scene.where(name, "services"), cure=cure
        )


def host_of(url: str) -> str | None:
    """The host of a URL; None if it is none that botocore takes."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") and parts.hostname else None


def _shown(url: str) -> str:
    """A URL as it may be shown; what should be one, and has no scheme, may have a password in it all the same."""
    return without_password(url) if "//" in url else re.sub(r"(?s).*@", "…@", url)


def is_of_aws(host: str) -> bool:
    """Whether a host is one of AWS's own endpoints."""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"))


def _has_keys_of_aws(scene: Scene) -> bool:
    """Whether the keys that are used were made by AWS, as far as their id tells (no test server makes such ids)."""
    ids = [scene.environ.get("AWS_ACCESS_KEY_ID", "")] if scene.profile is None else []
    ids += [hop.settings.get("aws_access_key_id", "") for hop in walk(scene) if hop.keys_count]
    return any(account_of(key_id) is not None for key_id in ids)
