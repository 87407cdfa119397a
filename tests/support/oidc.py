"""A scripted IAM Identity Center: OIDC (registration, device codes, authorization codes with PKCE, refresh tokens) and
the portal (role credentials, logout), in the wire format of botocore's models. The role credentials are real: they are
of a role that is assumed at the STS of the tests.

It also serves the pages that a browser opens. `/authorize` is a form whose button is pressed by a script.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from support.servers import Handler, Server

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

#: Exception -> HTTP status and `error`; service-2.json of sso-oidc.
OIDC_ERRORS = {
    "AccessDeniedException": (400, "access_denied"),
    "AuthorizationPendingException": (400, "authorization_pending"),
    "ExpiredTokenException": (400, "expired_token"),
    "InternalServerException": (500, "server_error"),
    "InvalidClientException": (401, "invalid_client"),
    "InvalidGrantException": (400, "invalid_grant"),
    "InvalidRequestException": (400, "invalid_request"),
    "InvalidScopeException": (400, "invalid_scope"),
    "SlowDownException": (400, "slow_down"),
    "UnauthorizedClientException": (400, "unauthorized_client"),
}


class Refused(Exception):
    """An exception of the OIDC service."""


@dataclass
class IdentityCenter:
    """Its state and behaviour.

    Attributes:
        credentials: returns AWS credentials for an account and a role, as AssumeRole does.
        lifetime: seconds for which an access token is valid.
        interval: seconds between two polls for a device code; None to leave it out of the answer.
        device: the exceptions that answer the next polls for a device code; after them the code is confirmed.
        visited: False to confirm a device code only after its page has been opened, which sets this to True.
        denies: whether the user denies the request.
        forges: whether a forged answer, with another state, comes first.
        requests: path and body of every request.
        accounts: account id -> its name, and the roles that the user may assume there.
        logged_out: the tokens that were signed out.
        log_out_refusal: status, exception and text with which a sign-out is refused.
    """

    url: str
    credentials: Callable[[str, str], dict[str, Any]]
    lifetime: int = 28800
    interval: int | None = 0
    device: list[str] = field(default_factory=list)
    visited: bool | None = None
    denies: bool = False
    forges: bool = False
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    access_tokens: set[str] = field(default_factory=set)
    logged_out: list[str] = field(default_factory=list)
    accounts: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    log_out_refusal: tuple[int, str, str] | None = None
    agents: list[str] = field(default_factory=list)

    def of(self, path: str) -> list[dict[str, Any]]:
        """Return the bodies of the requests to one path."""
        return [body for requested, body in self.requests if requested == path]

    def grants(self) -> list[str]:
        return [body["grantType"].rpartition(":")[2] for body in self.of("/token")]

    # --- OIDC ---

    def register(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("clientType") != "public" or not body.get("clientName"):
            raise Refused("InvalidRequestException", "clientType has to be public")
        if "authorization_code" in body.get("grantTypes", ()):
            if body.get("redirectUris") != ["http://127.0.0.1/oauth/callback"]:
                raise Refused("InvalidRequestException", "a redirect URI of the loopback, without a port")
            if not body.get("issuerUrl") or not body.get("scopes"):
                raise Refused("InvalidRequestException", "issuerUrl and scopes are needed")
        name, secret = secrets.token_urlsafe(12), secrets.token_urlsafe(90)
        self.clients[name] = {**body, "clientSecret": secret}
        now = int(time.time())
        return {
            "clientId": name,
            "clientSecret": secret,
            "clientIdIssuedAt": now,
            "clientSecretExpiresAt": now + 90 * 86400,
        }

    def client(self, body: dict[str, Any]) -> dict[str, Any]:
        client = self.clients.get(body.get("clientId", ""))
        if client is None or client["clientSecret"] != body.get("clientSecret"):
            raise Refused("InvalidClientException", "Invalid client provided")
        return client

    def device_authorization(self, body: dict[str, Any]) -> dict[str, Any]:
        if "grantTypes" in self.client(body):
            raise Refused("UnauthorizedClientException", "not registered for device codes")
        if not body.get("startUrl", "").endswith("/start"):
            raise Refused("InvalidRequestException", "Invalid start URL provided")
        code = secrets.token_urlsafe(12)
        self.devices[code] = body["clientId"]
        answer = {
            "deviceCode": code,
            "userCode": "ABCD-EFGH",
            "verificationUri": f"{self.url}/device",
            "verificationUriComplete": f"{self.url}/device?user_code=ABCD-EFGH",
            "expiresIn": 600,
        }
        return answer if self.interval is None else {**answer, "interval": self.interval}

    def token(self, body: dict[str, Any]) -> dict[str, Any]:
        client, grant = self.client(body), body.get("grantType")
        if grant == DEVICE_GRANT:
            if self.devices.get(body.get("deviceCode", "")) != body["clientId"]:
                raise Refused("InvalidGrantException", "Invalid device code provided")
            if self.device:
                raise Refused(self.device.pop(0), "as the test says")
            if self.visited is False:
                raise Refused("AuthorizationPendingException", "the page has not been opened")
            del self.devices[body["deviceCode"]]
        elif grant == "authorization_code":
            authorized = self.codes.pop(body.get("code", ""), None)
            digest = hashlib.sha256(body.get("codeVerifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if authorized is None or authorized["client_id"] != body["clientId"]:
                raise Refused("InvalidGrantException", "Invalid authorization code provided")
            if authorized["code_challenge"] != challenge or authorized["redirect_uri"] != body.get("redirectUri"):
                raise Refused("InvalidGrantException", "Invalid code verifier or redirect URI provided")
        elif grant == "refresh_token":
            if body.get("refreshToken") not in self.refresh_tokens:
                raise Refused("InvalidGrantException", "Invalid refresh token provided")
            self.refresh_tokens.discard(body["refreshToken"])
        else:
            raise Refused("InvalidRequestException", "no such grant")
        access, refresh = (secrets.token_urlsafe(150) for _ in range(2))
        self.access_tokens.add(access)
        answer = {"accessToken": access, "tokenType": "Bearer", "expiresIn": self.lifetime}
        if "sso:account:access" in client.get("scopes", ()):
            self.refresh_tokens.add(refresh)
            answer["refreshToken"] = refresh
        return answer

    # --- the browser's pages ---

    def authorize(self, query: dict[str, str]) -> str:
        client = self.clients.get(query.get("client_id", ""), {})
        redirect = urlsplit(query.get("redirect_uri", ""))
        checks = {
            "client": "authorization_code" in client.get("grantTypes", ()),
            "response_type": query.get("response_type") == "code",
            "code_challenge_method": query.get("code_challenge_method") == "S256",
            "code_challenge": len(query.get("code_challenge", "")) == 43,
            "state": len(query.get("state", "")) >= 16,
            "redirect_uri": (redirect.scheme, redirect.hostname, redirect.path)
            == ("http", "127.0.0.1", "/oauth/callback"),
            "scopes": query.get("scopes", "").split() == client.get("scopes"),
        }
        if not all(checks.values()):
            return f"<p>{html.escape(', '.join(name for name, good in checks.items() if not good))}: not good</p>"
        fields = "".join(f'<input type="hidden" name="{k}" value="{html.escape(v)}">' for k, v in query.items())
        return (
            f'<form method="post" action="/authorize">{fields}<button>Allow access</button></form>'
            "<script>document.forms[0].querySelector('button').click()</script>"
        )

    def agreed(self, query: dict[str, str]) -> str:
        """Return the URL to which the browser is redirected after the user has agreed."""
        if self.denies:
            answer = {"error": "access_denied", "error_description": "the user <denied> it", "state": query["state"]}
        else:
            code = secrets.token_urlsafe(24)
            self.codes[code] = query
            answer = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    # --- the portal ---

    def listed(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        """Answer ListAccounts and ListAccountRoles, with one item per page."""
        if path == "/assignment/accounts":
            name, items = "accountList", [{"accountId": i, "accountName": n} for i, (n, _) in self.accounts.items()]
        else:
            name, items = "roleList", [{"roleName": r} for r in self.accounts[query["account_id"]][1]]
        at = int(query.get("next_token", 0))
        more = {"nextToken": str(at + 1)} if at + 1 < len(items) else {}
        return {name: items[at : at + 1], **more}

    def role_credentials(self, query: dict[str, str]) -> dict[str, Any]:
        credentials = self.credentials(query["account_id"], query["role_name"])
        names = {"AccessKeyId": "accessKeyId", "SecretAccessKey": "secretAccessKey", "SessionToken": "sessionToken"}
        role: dict[str, Any] = {name: credentials[of_sts] for of_sts, name in names.items()}
        role["expiration"] = int(credentials["Expiration"].timestamp() * 1000)
        return {"roleCredentials": role}


class _Handler(Handler):
    server: _Server

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        center: IdentityCenter = self.server.center
        center.requests.append((address.path, query))
        if address.path == "/authorize":
            center.agents.append(self.headers.get("User-Agent", ""))
            page = center.authorize(query)
            if center.forges:
                center.forges = False
                other = f"{query['redirect_uri']}?{urlencode({'code': 'x', 'state': 'state-of-another'})}"
                page = (
                    f'<iframe src="{html.escape(other)}" onload="setTimeout(() => f.click())"></iframe>'
                    + page.replace(
                        "<script>document.forms[0].querySelector('button').click()</script>",
                        "<script>f = document.forms[0].querySelector('button')</script>",
                    )
                )
            return self.reply(200, page, "text/html")
        if address.path == "/device":
            center.visited = True
            return self.reply(200, "<p>ABCD-EFGH: confirmed</p>", "text/html")
        if address.path in ("/federation/credentials", "/assignment/accounts", "/assignment/roles"):
            if self.headers.get("x-amz-sso_bearer_token") not in center.access_tokens:
                return self.refuse(401, "UnauthorizedException", {"message": "Session token not found or invalid"})
            if address.path != "/federation/credentials":
                return self.json(center.listed(address.path, query))
            if query.get("role_name") == "closed":
                return self.refuse(403, "ForbiddenException", {"message": "No access"})
            return self.json(center.role_credentials(query))
        return self.reply(404, "", "text/plain")

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, center = urlsplit(self.path).path, self.server.center
        if path == "/authorize":
            self.send_response(303)
            self.send_header("Location", center.agreed(dict(parse_qsl(data.decode()))))
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if path == "/logout":
            token = self.headers.get("x-amz-sso_bearer_token", "")
            center.requests.append((path, {"token": token}))
            if center.log_out_refusal:
                status, code, text = center.log_out_refusal
                return self.refuse(status, code, {"message": text})
            if token not in center.access_tokens:
                return self.refuse(401, "UnauthorizedException", {"message": "Session token not found or invalid"})
            center.access_tokens.discard(token)
            center.logged_out.append(token)
            return self.reply(200, "", "application/json")
        body = json.loads(data)
        center.requests.append((path, body))
        what = {
            "/client/register": center.register,
            "/device_authorization": center.device_authorization,
            "/token": center.token,
        }[path]
        try:
            return self.json(what(body))
        except Refused as refused:
            status, error = OIDC_ERRORS[refused.args[0]]
            return self.refuse(status, refused.args[0], {"error": error, "error_description": refused.args[1]})

    def refuse(self, status: int, code: str, body: dict[str, str]) -> None:
        self.reply(status, json.dumps(body), "application/json", x_amzn_ErrorType=code)

    def json(self, body: dict[str, Any]) -> None:
        self.reply(200, json.dumps(body), "application/json")


class _Server(Server):
    center: IdentityCenter


@contextmanager
def running(credentials: Callable[[str, str], dict[str, Any]]) -> Iterator[IdentityCenter]:
    """Run such a server on a port of its own."""
    server = _Server(_Handler)
    server.center = IdentityCenter(server.url, credentials)
    with server.running():
        yield server.center
