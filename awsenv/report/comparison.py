"""Whether two profiles, or this shell and a profile, resolve to the same credentials."""

from __future__ import annotations

from awsenv.report.resolution import CACHED, Resolved

__all__ = ["answer", "differences"]


def differences(a: Resolved, b: Resolved) -> dict[str, bool | None]:
    """Tell for each part whether it differs; None if one side is unknown."""
    credentials = {
        part: getattr(a, part).value != getattr(b, part).value if a.known and b.known else None
        for part in ("access_key", "secret_key", "token")
    }
    return {
        "type": a.source.type != b.source.type,
        **credentials,
        "account": a.account.value != b.account.value if a.account.value and b.account.value else None,
        "expiration": a.expiration != b.expiration if _expiry_known(a) and _expiry_known(b) else None,
        "region": a.region.value != b.region.value,
    }


def _expiry_known(side: Resolved) -> bool:
    """Whether it is known when the credentials expire, or that they do not."""
    return side.known and (side.lasting or side.expiration is not None)


def answer(a: Resolved, b: Resolved) -> tuple[bool | None, str]:
    """Decide whether both are the same credentials.

    Returns:
        The answer, None if it is unknown; and the reason, if the table does not show it.
    """
    if a.known and b.known:
        if a.access_key.value != b.access_key.value:
            return False, ""
        for part, label in (("secret_key", "secret access key"), ("token", "session token")):
            if getattr(a, part).value != getattr(b, part).value:
                return False, f"the same access key, with another {label}"
        return True, ""
    unknown = b if a.known else a
    one_source = a.name == b.name or (a.source.place is not None and a.source == b.source)
    if a.none and (one_source or b.none):
        return None, f"{a.label}: {a.missing}" + ("" if one_source else f"; {b.label}: {b.missing}")
    if a.key is not None and a.key == b.key:
        return True, f"both are the same session: of {a.label}, {a.missing}"
    if one_source:
        return None, f"{unknown.label}: {unknown.missing}"
    for side in (a, b):
        if side.none:
            return False, f"{side.label}: {side.missing}"
    for side in (a, b):
        if not side.known and (side.source.type in CACHED or side.source.type == "login"):
            also = ", a call with it obtains a new one" if side.obtainable else ""
            return False, f"{side.label}: {side.missing}{also}"
    return None, f"{unknown.label}: {unknown.missing}"
