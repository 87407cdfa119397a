"""Translate errors of botocore and STS into one sentence: what failed, for which profile, why, and what to type."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping

from botocore import exceptions as raised

from awsenv import environment
from awsenv.aws import cache_keys, paths, providers
from awsenv.aws.renewal import BROKEN, NONE, Renewal, renewal_of
from awsenv.credentials import LoginRequired, clock_is_wrong
from awsenv.credentials.classify import classify, in_words
from awsenv.credentials.plan import AD_HOC, Plan
from awsenv.credentials.rejection import assume_again, not_answered, rejected
from awsenv.result import EXPIRED, USAGE, AwsenvError
from awsenv.system.install_hint import how_to_install
from awsenv.system.redaction import redact

__all__ = ["translate"]

_SSO = (raised.SSOError, raised.SSOTokenLoadError, raised.UnauthorizedSSOTokenError, raised.TokenRetrievalError)

# by name: older versions of botocore do not have them
_LOGIN = ("LoginRefreshRequired", "LoginTokenLoadError")

_SECRETS = (*providers.KEYS, *providers.TOKENS)

# parameter of STS -> option
_OPTIONS = {"ExternalId": "--external-id", "RoleSessionName": "--session-name", "RoleArn": "--role-arn"}

# parameter of STS -> the setting that provides it
_PARAMETERS = {
    "RoleArn": "role_arn",
    "RoleSessionName": "role_session_name",
    "ExternalId": "external_id",
    "DurationSeconds": "duration_seconds",
    "SerialNumber": "mfa_serial",
}


def translate(error: Exception, plan: Plan, environ: Mapping[str, str]) -> AwsenvError:
    """Return the error to show for an exception of botocore, or of Python inside botocore, that a plan raised.

    It is a LoginRequired where a sign-in to IAM Identity Center helps.
    """
    return _Translation(error, plan, environ).result()


class _Translation:
    """An exception and its context."""

    def __init__(self, error: Exception, plan: Plan, environ: Mapping[str, str]) -> None:
        self.error, self.environ = error, environ
        self.request, self.chain, self.profiles = plan.request, plan.chain, plan.profiles
        name = self.request.name
        self.who = f"profile {name}" if self.request.profile else f"the role {self.request.settings.get('role_arn')}"
        self.source = self.chain[-1]
        self.why = in_words(error).replace(AD_HOC, name)

    def result(self) -> AwsenvError:
        error, who = self.error, self.who
        _, failure = classify(error)
        if failure is not None:
            return not_answered(error, failure, who)
        if isinstance(error, raised.ClientError):
            is_invalid = error.response.get("Error", {}).get("Code") == "ValidationError"
            setting = self._rejected_setting() if is_invalid else None
            return rejected(error, who, self.source, self.request, self.profiles, setting_fix=setting and setting[1])
        if isinstance(error, _SSO):
            return self._login_required()
        if type(error).__name__ in _LOGIN:
            return AwsenvError(
                f"{who} needs a sign-in with the AWS CLI: {self.why}",
                f"type aws login --profile {shlex.quote(self.source)}",
            )
        if isinstance(error, raised.MissingDependencyException):
            return AwsenvError(
                f"{who} needs a package that is not installed: {self.why}",
                f"install it beside awsenv: {how_to_install('botocore[crt]')}",
            )
        if isinstance(error, raised.CredentialRetrievalError):
            return self._no_credential_source()
        if isinstance(error, RuntimeError) and "still expired" in self.why:
            return clock_is_wrong(self.request.name)
        if isinstance(error, raised.NoRegionError) or "INVALID_CONFIGURATION" in self.why:  # for an empty region
            return self._no_region()
        return self._by_settings()

    def _by_settings(self) -> AwsenvError:
        """Return the error for a wrong setting or option."""
        error, who, profiles = self.error, self.who, self.profiles
        is_parameter = isinstance(error, raised.ParamValidationError)
        if isinstance(error, raised.InfiniteLoopConfigError):
            loop = " -> ".join([*self.chain, profiles.text(self.source, "source_profile") or self.source])
            return AwsenvError(
                f"the source profiles of {who} are a loop: {loop}", f"fix source_profile in {profiles.config.path}"
            )
        if is_parameter and self.request.settings:
            named = re.search(r"parameter (\w+)", self.why)
            option = _OPTIONS.get(named[1], named[1]) if named else "an option"
            why = _why_invalid(self.why)
            return AwsenvError(f"STS rejects {option} for {who}: {why}", "see awsenv assume --help", USAGE)
        if is_parameter or isinstance(error, raised.InvalidConfigError | raised.PartialCredentialsError):
            known = self._renewal()
            if known.kind in (BROKEN, NONE):
                return AwsenvError(redact(known.remedy.what, {}), known.remedy.instruction)
        if is_parameter and (setting := self._rejected_setting()):
            return AwsenvError(f"{who} cannot be used with {setting[0]}: {_why_invalid(self.why)}", setting[1])
        if self.why.startswith("Unsupported host"):
            name = providers.CONTAINER[1]
            found = redact(self.why.split("'")[1], {})
            host = "names no host" if found == "None" else f"names the host {found}"
            what = f"{who} cannot get its credentials: {name} {host}, which AWS tools do not accept"
            return AwsenvError(what, f"unset {name}")
        return self._by_value(None if is_parameter else self._culprit())

    def _by_value(self, culprit: tuple[str, str, str] | None) -> AwsenvError:
        """Return the error for a value that botocore, or Python inside it, cannot use; the culprit if it is known."""
        error, who, profiles = self.error, self.who, self.profiles
        is_botocore = isinstance(error, raised.BotoCoreError)
        if culprit and (not is_botocore or isinstance(error, raised.InvalidRegionError)):
            name, value, fix = culprit
            return AwsenvError(f"{who} cannot be used with {name} = {value}: {_why_unusable(error)}", fix)
        if is_botocore:
            files = f"fix it in {profiles.config.path} or {profiles.credentials.path}"
            return AwsenvError(f"{who} is invalid: {self.why}", culprit[2] if culprit else files)
        known = self._renewal()
        if known.kind == BROKEN:
            return AwsenvError(redact(known.remedy.what, {}), known.remedy.instruction)
        why = "" if isinstance(error, TypeError | AttributeError | LookupError) else f" ({self.why})"
        return AwsenvError(
            f"{who} cannot get its credentials: a value has a form that AWS tools do not expect{why}",
            f"see awsenv doctor {shlex.quote(self.request.name)}; --debug shows where",
        )

    def _no_region(self) -> AwsenvError:
        known = self._renewal()
        if known.expired:
            return AwsenvError(known.remedy.what, known.remedy.instruction, EXPIRED)
        again = assume_again(self.request)
        option = f"type {again} --region us-east-1" if again else "--region us-east-1 to the command"
        return AwsenvError(
            f"{self.who} names no region, so its STS endpoint is unknown",
            f"add region = … to the profile, or {option}",
        )

    def _renewal(self) -> Renewal:
        """Return what the profile yields that the request starts from."""
        start = self.source if self.request.settings else self.request.profile or self.source
        is_source = start != self.request.profile
        return renewal_of(self.profiles, start, self.environ, int(time.time()), is_source=is_source)

    def _rejected_setting(self) -> tuple[str, str] | None:
        """Return the setting, with its value, behind a parameter that was rejected, and how to fix it."""
        for profile in self.chain:
            for parameter, setting in _PARAMETERS.items():
                value = self.profiles.texts(profile).get(setting)
                by_name = re.search(rf"(?:parameter |at '|Invalid ){parameter}\b", self.why, re.IGNORECASE)
                if value is not None and (by_name or (setting == "role_arn" and value and value in self.why)):
                    return (
                        f"{setting} = {redact(value, {}) or repr('')}",
                        f"fix {setting} in {self.profiles.where(profile, setting)}",
                    )
        return None

    def _culprit(self) -> tuple[str, str, str] | None:
        """Return name and value of the setting or variable that botocore's message quotes, and how to fix it."""
        for name, value, fix in self._values():
            is_endpoint = name == "endpoint_url" or name.startswith("AWS_ENDPOINT_URL")
            if is_endpoint and self.why.startswith("Port ") and not re.search(r":\d{1,4}(?:/|$)", value):
                return name, value, fix
            if re.search(rf"(?<![\w./-]){re.escape(value)}(?![\w./-])", self.why):
                return name, value if len(value) < 200 else f"{value[:200]} …", fix
        return None

    def _values(self) -> Iterator[tuple[str, str, str]]:
        """Yield name and value of each setting and variable that botocore uses, and how to fix it."""
        for profile in self.chain:
            for setting, value in self.profiles.texts(profile).items():
                if value and setting not in _SECRETS:
                    yield setting, redact(value, {}), f"fix it in {self.profiles.where(profile, setting)}"
        for name, value in self.environ.items():
            if value and name.startswith("AWS_") and name not in environment.CREDENTIALS:
                yield name, redact(value, {}), f"fix it, or unset {name}"

    def _no_credential_source(self) -> AwsenvError:
        if self.profiles.take_keys_from_environment(self.chain):
            return AwsenvError(
                f"{self.who} takes its credentials from the environment, which has none but awsenv's own",
                f"export the credentials that it starts from, then type awsenv assume {shlex.quote(self.request.name)}",
            )
        return AwsenvError(
            f"{self.who} cannot get its credentials: {self.why}",
            "a credential_source works only on its own machine or in its own container",
        )

    def _login_required(self) -> LoginRequired:
        """Return the error for a sign-in that is missing, expired or rejected."""
        why = {
            raised.UnauthorizedSSOTokenError: "the last sign-in has expired or was revoked",
            raised.TokenRetrievalError: "the last sign-in has expired and could not be renewed",
        }.get(type(self.error))
        if why is None:
            portal = self.profiles.text(self.source, "sso_session") or self.profiles.text(self.source, "sso_start_url")
            path = os.path.join(paths.sso_cache(self.environ), f"{cache_keys.sso_token(portal or '')}.json")
            why = f"the last one, {path}, cannot be used" if os.path.lexists(path) else "you are not signed in"
        return LoginRequired(
            f"{self.who} needs a sign-in to IAM Identity Center: {why}",
            f"type awsenv login {shlex.quote(self.source)}",
            self.source,
            rejected=isinstance(self.error, raised.UnauthorizedSSOTokenError),
        )


def _why_invalid(why: str) -> str:
    """Return why botocore found a parameter invalid, without its jargon."""
    found = re.search(r"Invalid (length|value) for parameter \w+, value: (\S+), valid min (?:length|value): (\d+)", why)
    if found is None:
        return why.removeprefix("Parameter validation failed: ")
    return f"at least {found[3]} characters are needed" if found[1] == "length" else f"the minimum is {found[3]}"


def _why_unusable(error: Exception) -> str:
    """Return why a setting cannot be used, without Python's jargon."""
    if isinstance(error, OSError):
        return error.strerror or "it cannot be read"
    if isinstance(error, raised.InvalidRegionError):
        return "that is not the name of a region"
    if "is not a number" in in_words(error):
        return "that is not a number"
    return "that is not a value that AWS tools accept"
