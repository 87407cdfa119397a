"""What is exported as the prompt needs it (its state), and the segment made of that: `project1 42m`.

The state is worked out here alone. The hooks of the shells show it and count down: see shells/. (The snippet of an
integrated `assume` carries it, so this is on the hot path: what is rarely needed is imported where it is.)
"""

from __future__ import annotations

import os

from awsenv import environment
from awsenv.aws import paths
from awsenv.environment import expiry
from awsenv.result import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.environment import Exported
    from awsenv.environment.settings import Settings

__all__ = ["Segment", "State", "build_segment", "state_of"]


class State:
    """What is exported, as far as the prompt shows it. It does not change with time.

    Attributes:
        kind: "none" (nothing is exported), "permanent" (it does not expire), "expires" or "unknown" (it expires, but
            the expiration is unknown; or a part of the credentials is missing).
        name: what to call it.
        expiration: epoch seconds; None unless it expires.
        estimated: whether the expiration is an estimate: the time of issue and the usual duration.
        fix: how to get new credentials, as the end of a warning: a command, or what a person has to do.
        renewable: whether a renewal in the background may be tried.
        is_production: whether the setting AWSENV_PRODUCTION marks it.
        elsewhere: the shell in whose prompt starship, if it makes that, shows it already; empty if it does not.
        calm: what is shown instead of `name` and the time while more is left than the first threshold; empty for
            nothing else. Where SDKs renew by themselves, `name` is that of the sign-in behind it.
        until: the time of day of the expiration, as `messages.UNTIL`; empty for an estimate.
        answer: what `awsenv check` says where that does not depend on the time, and means that all is well.
    """

    __slots__ = (
        "answer",
        "calm",
        "elsewhere",
        "estimated",
        "expiration",
        "fix",
        "is_production",
        "kind",
        "name",
        "renewable",
        "until",
    )

    def __init__(
        self,
        kind: str,
        name: str = "",
        expiration: int | None = None,
        *,
        estimated: bool = False,
        fix: str = "",
        renewable: bool = False,
        is_production: bool = False,
        elsewhere: str = "",
        until: str = "",
        answer: str = "",
        calm: str = "",
    ) -> None:
        self.kind = kind
        self.name = name
        self.expiration = expiration
        self.estimated = estimated
        self.fix = fix
        self.renewable = renewable
        self.is_production = is_production
        self.elsewhere = elsewhere
        self.until = until
        self.answer = answer
        self.calm = calm

    def variables(self) -> dict[str, str]:
        """The variables, of the shell's own, in which the hooks have it. Never a secret."""
        return {
            "__awsenv_kind": self.kind,
            "__awsenv_name": self.name,
            "__awsenv_expiration": "" if self.expiration is None else str(self.expiration),
            "__awsenv_estimated": "1" if self.estimated else "",
            "__awsenv_fix": self.fix,
            "__awsenv_renewable": "1" if self.renewable else "",
            "__awsenv_is_production": "1" if self.is_production else "",
            "__awsenv_elsewhere": self.elsewhere,
            "__awsenv_until": self.until,
            "__awsenv_answer": self.answer,
            "__awsenv_calm": self.calm,
        }


class Segment:
    """What the prompt shows.

    Attributes:
        text: `project1 42m`; empty while nothing is exported.
        color: the parameters of the terminal's SGR sequence for it, `32`; may be empty.
    """

    __slots__ = ("color", "text")

    def __init__(self, text: str, color: str) -> None:
        self.text = text
        self.color = color


def state_of(environ: Mapping[str, str], now: int | None = None, *, today: int | None = None) -> State:
    """The state of an environment. Where no variable has the expiration, it reads the files that may.

    Args:
        environ: the environment.
        now: epoch seconds, to look up what renews it; None where that is known to be `awsenv refresh` for what awsenv
            has exported, or is not shown.
        today: epoch seconds, for the time of day of the expiration; `now` is enough, too.
    """
    exported, today = environment.exported(environ), now if today is None else today
    if exported.mode is None:
        return State("none")
    if exported.mode == "profile" and exported.profile is not None:
        return _state_of_profile(exported, environ, today)
    from awsenv.environment import messages

    name, expiration, estimated, found = exported.name, exported.expiration, False, None
    if expiration is None and exported.mode == "keys" and exported.temporary:
        from awsenv.environment import lookup

        found = lookup.known_of(exported, environ)
        expiration, estimated = found.expiration, found.estimated
        name = name if exported.profile else found.profile or name
    name, answer = printable(name), ""
    if exported.missing is not None:  # incomplete credentials are unusable; ignore any expiration
        kind, expiration, estimated = "unknown", None, False
    elif expiration is not None:
        kind = "expires"
    elif exported.temporary:
        kind = "unknown"
    else:
        kind, answer = "permanent", messages.PERMANENT.format(name=name)
    fix = messages.RENEW.format(command=messages.ASSUME if exported.profile is None else messages.REFRESH)
    renews = exported.profile is not None
    if now is not None and kind in ("expires", "unknown") and _may_not_renew(exported, environ):
        from awsenv.environment import remedy

        complete = exported.missing is None
        other = remedy.clause(remedy.of_exported(environ, now, complete=complete, known=found))
        fix, renews = printable(other), renews and other == fix
    until = "" if today is None or expiration is None or estimated else messages.until(expiration, today)
    return State(
        kind,
        name,
        expiration,
        estimated=estimated,
        fix=fix,
        renewable=kind == "expires" and not estimated and renews,
        is_production=_is_production((name, *name.split(">"), exported.profile or name), _production_patterns(environ)),
        elsewhere=_elsewhere(environ),
        until=until,
        answer=answer,
    )


def _state_of_profile(exported: Exported, environ: Mapping[str, str], today: int | None) -> State:
    """Where SDKs renew by themselves: when a person is needed next."""
    from awsenv.environment import messages, remedy

    name, need = printable(exported.name), remedy.need_of_exported(environ)
    production = _is_production((name, *name.split(">"), exported.profile or name), _production_patterns(environ))
    if need is None:
        fix, answer = messages.RENEW.format(command=messages.REFRESH), messages.SDK_RENEWS.format(name=name)
        return State("permanent", name, fix=fix, is_production=production, answer=answer)
    return State(
        "unknown" if need.expiration is None else "expires",
        messages.SIGN_IN.format(name=name),
        need.expiration,
        fix=printable(messages.RENEW.format(command=need.fix)),
        is_production=production,
        until="" if today is None or need.expiration is None else messages.until(need.expiration, today),
        calm="" if need.expiration is None else name,
    )


def _may_not_renew(exported: Exported, environ: Mapping[str, str]) -> bool:
    """Whether `awsenv refresh` may yield nothing: the keys are in a file as they are, or awsenv did not export them."""
    from awsenv.environment import lookup

    return exported.profile is None or lookup.in_files(environ, environ.get("AWS_ACCESS_KEY_ID", ""))


def build_segment(state: State, settings: Settings, now: int) -> Segment:
    """The segment.

    Args:
        state: of what is exported.
        settings: of `awsenv.environment.settings.read`.
        now: epoch seconds.
    """
    if state.kind == "none":
        return Segment("", "")
    text, level = state.name, "GOOD"
    if state.expiration is not None:
        left = state.expiration - now
        near = int(settings["AWSENV_THRESHOLDS"].partition(" ")[0] or 0)
        level = "EXPIRED" if left <= 0 else "NEAR" if left < near else "GOOD"
        time = settings["AWSENV_SYMBOL_EXPIRED"] if left <= 0 else expiry.short(left)
        text = f"{text} {settings['AWSENV_SYMBOL_ESTIMATE'] if state.estimated else ''}{time}"
        text = state.calm if state.calm and level == "GOOD" else text
    elif state.kind == "unknown":
        level = "UNKNOWN"
        text = f"{text} {settings['AWSENV_SYMBOL_UNKNOWN']}"
    colors = [settings[f"AWSENV_COLOR_{level}"]]
    if state.is_production:
        text = settings["AWSENV_SYMBOL_PRODUCTION"] + text
        colors.append(settings["AWSENV_COLOR_PRODUCTION"])
    return Segment(text, ";".join(filter(None, colors)))


def _elsewhere(environ: Mapping[str, str]) -> str:
    if "STARSHIP_SHELL" not in environ:
        return ""
    from awsenv.environment import starship

    return starship.shell_with_module(environ)


def _production_patterns(environ: Mapping[str, str]) -> list[str]:
    """Those of AWSENV_PRODUCTION. Most people have none, and then the settings are not even imported."""
    if "AWSENV_PRODUCTION" not in environ and not os.path.exists(paths.settings_file(environ)):
        return []
    from awsenv.environment import settings

    return settings.read(environ)[0]["AWSENV_PRODUCTION"].split()


def _is_production(names: tuple[str, ...], patterns: list[str]) -> bool:
    """Whether a pattern matches the profile, a role that was assumed with it, or both as they are shown."""
    return any(_matches(name, pattern) for pattern in patterns for name in names)


def _matches(name: str, pattern: str) -> bool:
    """Whether a name matches a pattern in which `*` and `?` alone are special. (fnmatch imports re: 5 ms.)"""
    at = in_pattern = 0
    star, star_at = -1, 0
    while at < len(name):
        if in_pattern < len(pattern) and pattern[in_pattern] == "*":
            star, star_at = in_pattern, at
            in_pattern += 1
        elif in_pattern < len(pattern) and pattern[in_pattern] in ("?", name[at]):
            at, in_pattern = at + 1, in_pattern + 1
        elif star >= 0:  # the last star takes one character more
            star_at += 1
            at, in_pattern = star_at, star + 1
        else:
            return False
    return not pattern[in_pattern:].strip("*")
