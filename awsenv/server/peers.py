"""Which user is at the other end of a connection on this machine."""

from __future__ import annotations

import socket
import sys

__all__ = ["user_of"]

# A socket that is being closed shows 0 as its user.
_ESTABLISHED = "01"


def user_of(peer: tuple[str, int], own: tuple[str, int]) -> int | None:
    """Return the user whose process has the other end of a TCP connection over IPv4.

    Args:
        peer: the address of that end.
        own: the address of ours.

    Returns:
        The user id; None if it is unknown: only Linux has /proc/net/tcp (proc_net_tcp.rst in the kernel's
        documentation).
    """
    if sys.platform != "linux":
        return None
    wanted = [_as_in_proc(peer), _as_in_proc(own)]
    try:
        with open("/proc/net/tcp", encoding="ascii") as table:
            for line in table:
                fields = line.split()
                if fields[1:3] == wanted and fields[3] == _ESTABLISHED:
                    return int(fields[7])
    except (OSError, ValueError, IndexError):
        pass
    return None


def _as_in_proc(address: tuple[str, int]) -> str:
    number = int.from_bytes(socket.inet_aton(address[0]), sys.byteorder)
    return f"{number:08X}:{address[1]:04X}"
