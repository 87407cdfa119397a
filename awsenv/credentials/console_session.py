"""Exchange temporary credentials for a sign-in token at AWS's federation endpoint.

The request uses botocore's HTTP client, with the proxies, certificates and timeouts that apply to STS.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from awsenv.credentials.answers import AnswerError
from awsenv.credentials.classify import classify
from awsenv.credentials.timeouts import request_timeouts
from awsenv.result import AwsenvError

__all__ = ["signin_token"]


def signin_token(url: str, who: str, environ: Mapping[str, str]) -> str:
    """Return the sign-in token.

    Args:
        url: see `awsenv.aws.federation.token_url`. It holds the credentials: no error may quote it.
        who: the owner of the credentials, for errors.
        environ: the environment.

    Raises:
        AwsenvError: no connection, no answer in time, or rejected credentials.
    """
    connect, read = request_timeouts(environ).values()

    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError, SSLError
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    from awsenv.credentials._botocore import Bounded

    endpoint = url.partition("?")[0]
    bundle = environ.get("AWS_CA_BUNDLE")
    if bundle and not os.path.exists(bundle):
        raise AwsenvError(f"AWS_CA_BUNDLE is {bundle}, which does not exist", "fix it, or unset it")
    session = URLLib3Session(verify=bundle or True, proxies=get_environ_proxies(endpoint), timeout=(connect, read))
    http = Bounded(session, connect + read, f"the federation endpoint ({urlsplit(endpoint).hostname})")
    try:
        answer = http.send(AWSRequest("GET", url, headers={"Accept": "application/json"}).prepare())
        status, body = int(answer.status_code), bytes(answer.content)
    except Exception as error:  # any message, and the cause in a traceback, may quote the whole URL
        _, failure = classify(error)
        is_safe = failure is not None and not set("/?&") & set(failure.why)  # quotes no part of the URL
        why = {
            ConnectTimeoutError: "no connection in time; AWSENV_CONNECT_TIMEOUT sets how many seconds to wait",
            ReadTimeoutError: "no answer in time; AWSENV_READ_TIMEOUT sets how many seconds to wait",
            SSLError: "this machine does not trust its certificate",
            AnswerError: str(error),
        }.get(type(error), f"no connection: {failure.why}" if failure and is_safe else "no connection")
        raise AwsenvError(
            f"cannot sign in at {endpoint}: {why} (asked for {who})", "check the network, the proxy and AWS_CA_BUNDLE"
        ) from None
    if status in (400, 401, 403):
        raise AwsenvError(
            f"{endpoint} rejected the credentials of {who} ({status})",
            "they have expired, or are not those of a role: the console accepts no others; see awsenv whoami",
        )
    try:
        token = json.loads(body)["SigninToken"] if status == 200 else None
    except (ValueError, LookupError, TypeError, RecursionError):
        token = None
    if not isinstance(token, str) or not token:
        raise AwsenvError(f"{endpoint} returned no sign-in token, but status {status}", "try again in a moment")
    return token
