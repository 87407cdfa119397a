"""Situations in which credentials do not work, as AWS files, variables of the shell and the clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from awsenv.environment import expiry
from support import tokens
from support.sts import ACCOUNT

HOUR = 3600
SECRET = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
KEY = tokens.key_of("123456789012")
OPAQUE = "FwoGopaque/token+of=="


@dataclass(frozen=True)
class Situation:
    """A situation in which credentials do not work.

    Attributes:
        config, credentials: the AWS files; {key} and {secret} belong to a user whom STS knows.
        variables: the variables of the shell.
        assumed: the arguments of an `awsenv assume` in this shell, before the files were changed to these.
        ago: the seconds since then.
        profiles: the profiles for which the commands are run.
        sign_in: the seconds for which the sign-in of `corp` is still valid; None if there is no sign-in.
        changed_since: whether the profile was changed after `awsenv assume`. The prompt does not read the files again for
            credentials that awsenv exported; `awsenv refresh` and `awsenv check` report the change.
    """

    config: str = ""
    credentials: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    ago: int = 0
    profiles: tuple[str, ...] = ("p",)
    sign_in: int | None = None
    changed_since: bool = False


USER = "[user1]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
REFUSED = f"[p]\naws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key = {SECRET}\n"
ROLE = f"role_arn = arn:aws:iam::{ACCOUNT}:role/project1\n"
GOOD = f"[profile p]\n{ROLE}source_profile = user1\nregion = us-east-1\n"
OTHER = f"[profile project1]\n{ROLE}source_profile = user1\nregion = us-east-1\n"
PROCESS = "credential_process = false\n"
SSO = f"sso_account_id = {ACCOUNT}\nsso_role_name = Admin\n"
CORP = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
SIGNED = f"[profile p]\nsso_session = corp\n{SSO}region = us-east-1\n{CORP}"
LOGIN = "[profile p]\nlogin_session = arn:aws:iam::000000000000:user/me\nregion = us-east-1\n"
REGION = "[profile p]\nregion = us-east-1\n"
OLD = 40 * HOUR


def files(credentials: str, config: str = REGION, **more: object) -> Situation:
    return Situation(config, f"[p]\n{credentials}{USER}", **more)  # type: ignore[arg-type]


def config(text: str, **more: object) -> Situation:
    return Situation(f"{text}{OTHER}", USER, **more)  # type: ignore[arg-type]


def situations(now: int) -> dict[str, Situation]:
    """Return the situations at a time, by their names."""

    def token(age: int | None) -> str:
        return OPAQUE if age is None else tokens.text(tokens.regional(time=now - age))

    def keys(age: int | None = None, left: int | None = None, setting: str = "aws_expiration") -> str:
        """Return the lines of temporary credentials, issued `age` seconds ago, and of an expiration in `left` seconds."""
        expiration = "" if left is None else f"{setting} = {expiry.format_utc(now + left)}\n"
        pair = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        return f"{pair}aws_session_token = {token(age)}\n{expiration}"

    def exported(age: int | None = None, **more: str) -> dict[str, str]:
        """Return the variables of the same credentials."""
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return dict(zip(names, (KEY, SECRET, token(age)), strict=True)) | more

    def ours(name: str, age: int | None = None, left: int | None = None, **more: str) -> dict[str, str]:
        """Return them as `awsenv assume NAME` exports them."""
        expiration = {} if left is None else {"AWSENV_EXPIRATION": str(now + left)}
        return exported(age, AWSENV_PROFILE=name, AWSENV_KEY=KEY[-8:], **expiration, **more)

    return {
        # static temporary keys
        "fresh credentials": files(keys(60)),
        "credentials expired by their line": files(keys(2 * HOUR, -60)),
        "credentials expired by saml2aws's line": files(keys(None, -60, "x_security_token_expires")),
        "credentials too old": files(keys(OLD)),
        "credentials too old in the config file": config(f"[profile p]\n{keys(OLD)}region = us-east-1\n"),
        "credentials too old with a later line": files(keys(OLD, HOUR)),
        "credentials of two hours": files(keys(2 * HOUR)),
        "credentials of 13 hours": files(keys(13 * HOUR)),
        "fresh credentials with an older line": files(keys(300, -OLD)),
        "credentials of unknown age": files(keys()),
        "credentials too old of a known role": files(
            keys(OLD) + f"x_principal_arn = arn:aws:sts::{ACCOUNT}:assumed-role/project1/a\n"
        ),
        "credentials too old that hide a process": files(keys(OLD), f"[profile p]\n{PROCESS}region = us-east-1\n"),
        "credentials too old that hide aws login": files(keys(OLD), LOGIN),
        "credentials too old of default": Situation(
            "[default]\nregion = us-east-1\n", f"[default]\n{keys(OLD)}{USER}", profiles=("default",)
        ),
        "credentials too old exported as they are": files(keys(OLD), variables=exported(OLD)),
        "credentials too old exported by awsenv": files(keys(OLD), variables=ours("p", OLD)),
        "expired credentials exported by awsenv": files(keys(2 * HOUR, -60), variables=ours("p", 2 * HOUR, -60)),
        "credentials near expiry exported by awsenv": files(keys(HOUR, 300), variables=ours("p", HOUR, 300)),
        "credentials of two hours exported by awsenv": files(keys(2 * HOUR), variables=ours("p", 2 * HOUR)),
        "fresh credentials exported with an older line": files(keys(300, -OLD), variables=exported(300)),
        "credentials too old that hide a process, exported": files(
            keys(OLD), f"[profile p]\n{PROCESS}", variables=ours("p", OLD)
        ),
        "credentials without their token": files(keys(60).partition("aws_session_token")[0]),
        # long-term keys
        "long-term keys that AWS refuses": Situation(REGION, REFUSED + USER),
        "long-term keys that AWS refuses, in default": Situation(
            "[default]\nregion = us-east-1\n", REFUSED.replace("[p]", "[default]"), profiles=("default",)
        ),
        "long-term keys that AWS refuses, exported": Situation(
            REGION, REFUSED + USER, {"AWS_ACCESS_KEY_ID": "AKIAQNZGKIQY56JQ7WML", "AWS_SECRET_ACCESS_KEY": SECRET}
        ),
        "long-term keys that hide a process": Situation(f"[profile p]\n{PROCESS}region = us-east-1\n", REFUSED + USER),
        "half a pair": files("aws_access_key_id = AKIAQNZGKIQY56JQ7WML\n"),
        "a secret alone": files(f"aws_secret_access_key = {SECRET}\n"),
        "an empty secret": files("aws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key =\n"),
        # no credentials
        "a region only": config(REGION),
        "default with a region only": Situation(f"[default]\nregion = us-east-1\n{OTHER}", USER, profiles=("default",)),
        "a source without a role": config(f"{REGION}source_profile = user1\n"),
        "a misspelled key": config(f"{REGION}access_key_id = AKIA\naws_secret_access_key = {SECRET}\n"),
        "a misspelled secret": files(f"aws_access_key_id = AKIAQNZGKIQY56JQ7WML\nsecret_access_key_id = {SECRET}\n"),
        "pasted export lines": config(f'{REGION}export AWS_ACCESS_KEY_ID="AKIA"\nexport AWS_SECRET_ACCESS_KEY="x"\n'),
        "a misspelled role": config(
            f"{REGION}role-arn = arn:aws:iam::{ACCOUNT}:role/project1\nsource_profile = user1\n"
        ),
        "a missing profile": config("", profiles=("projct1",)),
        "no files": Situation(),
        # roles
        "a role of credentials too old": config(f"{GOOD.replace('user1', 'old')}[profile old]\n{keys(OLD)}"),
        "a role of credentials expired by their line": config(
            f"{GOOD.replace('user1', 'old')}[profile old]\n{keys(HOUR, -60)}"
        ),
        "a role of credentials that AWS refuses": Situation(
            GOOD.replace("user1", "dead"), REFUSED.replace("[p]", "[dead]") + USER, profiles=("p", "dead")
        ),
        "a role of the wrong secret": Situation(GOOD, USER.replace("{secret}", SECRET)),
        "a role without a source": config(f"[profile p]\n{ROLE}region = us-east-1\n"),
        "a role of a missing profile": config(GOOD.replace("user1", "gone")),
        "a role of a profile without credentials": config(
            f"{GOOD.replace('user1', 'none')}[profile none]\nregion = x\n"
        ),
        "a role of a loop": config(f"{GOOD.replace('user1', 'q')}[profile q]\n{ROLE}source_profile = p\n"),
        "a role of the environment": config(GOOD.replace("source_profile = user1", "credential_source = Environment")),
        "a role that may not be assumed": config(GOOD.replace("project1", "closed")),
        # what works, once it is assumed again
        "an expired session": Situation(GOOD, USER, assumed=("p",), ago=2 * HOUR),
        "an expired session of --role-arn": Situation(
            "",
            USER,
            assumed=("user1", "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1", "--region", "us-east-1"),
            ago=2 * HOUR,
            profiles=("user1",),
        ),
        "an expired session of --chain": Situation(
            GOOD, USER, assumed=("p", "--chain", f"arn:aws:iam::{ACCOUNT}:role/chained"), ago=2 * HOUR
        ),
        "an expired session of another tool": Situation(
            GOOD, USER, exported(2 * HOUR, AWS_VAULT="p", AWS_CREDENTIAL_EXPIRATION=expiry.format_utc(now - 60))
        ),
        "an expired session without a name": Situation(
            GOOD, USER, exported(2 * HOUR, AWS_CREDENTIAL_EXPIRATION=expiry.format_utc(now - 60))
        ),
        "an expired session that names a profile of old credentials": files(
            keys(OLD),
            variables=exported(2 * HOUR, AWS_VAULT="p", AWS_CREDENTIAL_EXPIRATION=expiry.format_utc(now - 60)),
        ),
        "a part of a session": Situation(GOOD, USER, {"AWS_ACCESS_KEY_ID": KEY, "AWSENV_PROFILE": "p"}),
        "a part of a session of an empty profile": config(
            REGION, variables={"AWS_ACCESS_KEY_ID": KEY, "AWSENV_PROFILE": "p"}
        ),
        "an expired session whose profile is gone": Situation(
            OTHER, USER, ours("p", 2 * HOUR, -60), profiles=("project1",), changed_since=True
        ),
        "an expired session whose profile is empty": config(
            REGION, variables=ours("p", 2 * HOUR, -60), changed_since=True
        ),
        # sign-ins
        "no sign-in": Situation(SIGNED + OTHER, USER),
        "an expired sign-in": Situation(SIGNED + OTHER, USER, sign_in=-HOUR),
        "a role of an expired sign-in": Situation(
            f"{GOOD.replace('user1', 's')}{SIGNED.replace('profile p', 'profile s')}",
            USER,
            sign_in=-HOUR,
            profiles=("p", "s"),
        ),
        "a missing sso-session": config(SIGNED.replace("sso_session = corp", "sso_session = crop")),
        "no sign-in of aws login": config(LOGIN),
        "a sign-in of another profile": Situation(
            f"[default]\nregion = us-east-1\n{SIGNED.replace('profile p', 'profile s')}",
            USER,
            profiles=("default", "s"),
        ),
        # other settings that are wrong
        "a comment behind the source": config(GOOD.replace("= user1", "= user1 # mine")),
        "an empty source": config(GOOD.replace("= user1", "=")),
        "a role that is a user": config(GOOD.replace(":role/project1", ":user/ada")),
        "an empty external id": config(f"{GOOD}external_id =\n"),
        "an empty MFA device": config(f"{GOOD}mfa_serial =\n"),
        "the header twice": config(f'{GOOD}[profile "p"]\nregion = us-east-1\n'),
        "an indented role": config(f"{REGION}assume =\n  {ROLE}  source_profile = user1\n"),
        "a pipe in a process": config(f"{REGION}credential_process = echo x | cat\n"),
        "a sign-in without a role": config(SIGNED.replace("sso_role_name", "sso_role")),
        "a sign-in without account and role": config(f"[profile p]\nsso_session = corp\nregion = us-east-1\n{CORP}"),
        "an sso-session under a profile's header": config(SIGNED.replace("[sso-session corp]", "[profile corp]")),
        "an sso-session without its URL": config(SIGNED.replace("sso_start_url", "start_url")),
        "credentials expired by a number": files(f"{keys()}aws_expiration = 1577836800\n"),
        "temporary credentials without their token": files(
            f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        ),
        "a source in a file that is not read": config(
            GOOD.replace("user1", "user2"), variables={"AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials"}
        ),
        "a source whose source is missing": config(
            f"{GOOD.replace('user1', 'q')}[profile q]\n{ROLE}source_profile = no\n"
        ),
        "a source with an empty secret": config(
            f"{GOOD.replace('user1', 'q')}[profile q]\naws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key =\n"
        ),
        "a source with a misspelled key": config(
            f"{GOOD.replace('user1', 'q')}[profile q]\naws_access_key = AKIA\naws_secret_access_key = {SECRET}\n"
        ),
        "a comment behind an endpoint": config(f"{GOOD}endpoint_url = http://127.0.0.1:9 # local\n"),
    }
