"""Access keys wherever they are set: in the variables of this shell, and in the profiles of the chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from awsenv.aws.config_files import File
from awsenv.aws.key_id import LONG_TERM, TEMPORARY, account_of
from awsenv.aws.providers import KEYS, TOKENS, session_token
from awsenv.doctor.check import Finding, problem
from awsenv.environment import masked

if TYPE_CHECKING:
    from awsenv.doctor.context import Context

__all__ = ["KeySet", "in_both_files", "in_use", "of_profile", "of_shell", "wherever"]

#: The names of the access key id, the secret access key, and both tokens in botocore's order (EnvProvider.TOKENS).
_IN_SHELL = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN")
_IN_FILES = (*KEYS, *TOKENS)

_REWRITE = {"remediation": "write the right value in that line"}


@dataclass(frozen=True)
class KeySet:
    """An access key with its secret and its token, as botocore reads them: all from one place.

    Attributes:
        texts: name -> value: the environment, or the settings of one section.
        names: the names of the access key id, the secret access key, and both tokens; the first token that is set is
            used.
        replacement: returns the fix and the remediation that replace them.
        profile: the profile; empty for the variables.
        who: what to call that profile: `profile a`.
        file: the file with the section; None for the variables.
        header: the header of the section.
    """

    texts: Mapping[str, str] = field(repr=False)
    names: tuple[str, ...]
    replacement: Callable[[], Mapping[str, str]] = field(repr=False)
    profile: str = ""
    who: str = ""
    file: File | None = None
    header: str = ""

    @property
    def id(self) -> str:
        """The access key id."""
        return self.texts.get(self.names[0], "")

    @property
    def secret(self) -> str:
        """The secret access key."""
        return self.texts.get(self.names[1], "")

    @property
    def token_name(self) -> str:
        """The name of the session token that botocore uses; the new name if neither is set."""
        if self.file is not None:
            return session_token(self.texts)[0]
        return next(iter(self.tokens), self.names[-1])

    @property
    def token(self) -> str:
        """The session token that botocore uses."""
        return self.texts.get(self.token_name, "")

    @property
    def tokens(self) -> tuple[str, ...]:
        """The names of the tokens that are set."""
        return tuple(name for name in self.names[2:] if self.texts.get(name))

    @property
    def long_term(self) -> bool:
        """Whether the access key belongs to a user, not to a session."""
        return self.id.startswith(LONG_TERM)

    @property
    def temporary(self) -> bool:
        """Whether the access key belongs to a session."""
        return self.id.startswith(TEMPORARY) or (bool(self.token) and not self.long_term)

    @property
    def shadowed(self) -> bool:
        """Whether both tokens are set and differ, so that the old one shadows the new one."""
        return len({self.texts[name] for name in self.tokens}) == 2

    @property
    def account(self) -> str | None:
        """The account in the access key id; None if AWS did not issue it, or before ids contained the account."""
        return account_of(self.id)

    def called(self, name: str) -> str:
        """Return what to call a value: `AWS_ACCESS_KEY_ID`, `aws_access_key_id of profile a`."""
        return name if self.file is None else f"{name} of {self.who}"

    @property
    def path(self) -> str:
        """The file; empty for the variables."""
        return "" if self.file is None else self.file.path

    def where(self, name: str = "aws_access_key_id") -> str:
        """Return `PATH:LINE` of a setting, or the variable."""
        if self.file is None:
            return name
        return self.file.where(self.header, name) or f"{self.file.path}:{self.file.line(self.header)}"

    def shown(self, name: str = "aws_access_key_id", value: str = "") -> str:
        """Return a value and its place, as evidence. It is masked, unless the text to show is given."""
        place = name if self.file is None else f"{self.where(name)} {name}"
        return f"{place}={value or masked(self.texts.get(name, ''))}"

    @property
    def shown_id(self) -> str:
        """The access key id as evidence, with its prefix."""
        return self.shown(self.names[0], f"{self.id[:4]}{masked(self.id)}")

    def problem(self, name: str, clause: str, *evidence: str, **more: Any) -> Finding:
        """Return a finding about one of the values. See `awsenv.doctor.check.problem`."""
        if self.file is not None and not evidence:
            evidence = (self.where(name),)
        if not more.keys() & {"fix", "remediation", "advice"}:
            more.update(self.replacement())
        return problem(f"{self.called(name)} {clause}", *evidence, **more)


def of_shell(context: Context) -> KeySet:
    """Return what is exported, even if it is incomplete."""
    return KeySet(context.environ, _IN_SHELL, lambda: context.renewal)


def in_both_files(context: Context, name: str, who: str = "") -> list[KeySet]:
    """Return the access keys of a profile in the two files; that of the credentials file, if any, comes first."""
    found = []
    for file, header in context.profiles.sections(name):
        settings = file.section(header) if header in file.places else {}
        texts = {key: value for key, value in settings.items() if isinstance(value, str)}
        if KEYS[0] in texts:
            found.append(KeySet(texts, _IN_FILES, lambda: _REWRITE, name, who or f"profile {name}", file, header))
    return found


def of_profile(context: Context, name: str, who: str = "") -> KeySet | None:
    """Return the access key of a profile that AWS tools use."""
    return next(iter(in_both_files(context, name, who)), None)


def in_use(context: Context) -> Iterator[KeySet]:
    """Yield the access keys that the chain starts from; raises UnreadableError."""
    for hop in context.hops:
        keys = of_profile(context, hop.profile, hop.who) if hop.uses_own_keys else None
        if keys is not None:
            yield keys


def wherever(context: Context) -> Iterator[KeySet]:
    """Yield the exported access key, then those that the chain starts from, if the files can be read."""
    yield of_shell(context)
    if context.unreadable is None:
        yield from in_use(context)
