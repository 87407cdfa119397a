"""`awsenv credential-process`."""

import sys

from awsenv import environment, streams
from awsenv.args import Args, Command, Options
from awsenv.commands import assume
from awsenv.credentials.request import Request
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.environment import Session

OPTIONS: Options = {
    name: row
    for name, row in assume.OPTIONS.items()
    if name not in ("--region", "--mode", "--live", "--mfa-token", "--shell", "--format", "--persist")
}

#: The requests in progress, one per line. Only the environment passes through botocore, from one `awsenv
#: credential-process` to another that it starts.
GUARD = "AWSENV_CREDENTIAL_PROCESS"

# Settings by which two requests for one profile differ.
_PARTS = ("role_arn", "source_profile", "chain")


def run(args: Args, environ: "Mapping[str, str]", now: int) -> Result:
    """Return the JSON object; AwsenvError as for `assume`, and if stdout is a terminal."""
    if args.first is None and "--role-arn" not in args:
        raise AwsenvError("credential-process needs the name of a profile", "name one: awsenv list shows them", USAGE)
    if streams.is_terminal(sys.stdout):
        import shlex

        name = shlex.quote(args.first or "PROFILE")
        raise AwsenvError(
            "credential-process prints secrets, for an SDK to read and not for the screen",
            f"for the section of ~/.aws/config type awsenv profile {name} --live; to act as the profile here, "
            f"awsenv assume {name}",
        )
    request = Request.from_args(args)
    this = " ".join((request.name, *(request.settings.get(part, "") for part in _PARTS))).rstrip()
    outer = environ[GUARD].split("\n") if environ.get(GUARD) else []
    if this in outer:
        raise AwsenvError(
            f"credential_process calls itself: {' -> '.join([*outer[outer.index(this) :], this])}",
            "give that section another name than the profile it calls",
        )
    base = {**environment.without_assumed(environ), GUARD: "\n".join([*outer, this])}
    return Result(out=_document(assume.obtain(request, base, now, progress=streams.is_terminal(sys.stderr))))


def _document(session: "Session") -> str:
    """Return the JSON of https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html, on one line.

    Without an Expiration, SDKs assume that the credentials do not expire. They reject one without a time zone.
    """
    fields = {"AccessKeyId": session.access_key, "SecretAccessKey": session.secret_key}
    if session.token is not None:
        fields["SessionToken"] = session.token
    if session.expiration is not None:
        fields["Expiration"] = expiry.format_utc(session.expiration)
    pairs = "".join(f', "{name}": {_quoted(value)}' for name, value in fields.items())
    return f'{{"Version": 1{pairs}}}\n'


def _quoted(text: str) -> str:
    """Return a JSON string, in ASCII."""
    try:
        from _json import encode_basestring_ascii  # as json.dumps does; `json` itself imports `re`
    except ImportError:  # not CPython
        from json import dumps

        return dumps(text)
    return encode_basestring_ascii(text)


COMMAND = Command(
    usage="awsenv credential-process PROFILE [options]",
    description="""
Prints the credentials of PROFILE for an SDK, as the JSON object that credential_process = in ~/.aws/config requires:
every AWS SDK and tool then runs awsenv by itself, and again before the session expires.

awsenv list --credential-process prints the sections to paste. Such a section is a profile of its own, beside the one
that it names: a profile that names itself would call itself, which is an error. To keep the name project1 for it,
rename the existing section to [profile project1-source], and let [profile project1] name that one. It prompts (for an
MFA code) only on a terminal; a failure is one line on stderr, which the SDK shows.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  [profile project1-awsenv]                                                 in ~/.aws/config
  credential_process = /home/me/.local/bin/awsenv credential-process project1

  AWS_PROFILE=project1-awsenv terraform apply                               a run of any length
  awsenv list --credential-process >> ~/.aws/config                         one for each profile that benefits
""",
    run=run,
)
