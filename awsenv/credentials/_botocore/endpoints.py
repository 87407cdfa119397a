"""botocore's loader of service descriptions, limited to the services that are used.

Parsing all of `endpoints.json` takes as long as an AssumeRole call.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import botocore
import botocore.loaders

from awsenv.aws import paths
from awsenv.credentials import cache

__all__ = ["SERVICES", "Loader"]

#: The services that are used: those that issue credentials, and IAM.
SERVICES = ("sts", "sso", "sso-oidc", "signin", "iam")


class Loader(botocore.loaders.Loader):  # type: ignore[misc]  # botocore has no types
    """A loader that does not walk the 400 service directories, and parses endpoints.json once per version."""

    def __init__(self, environ: Mapping[str, str], **arguments: Any) -> None:
        super().__init__(**arguments)
        self._environ = environ

    def list_available_services(self, type_name: str) -> list[str]:
        del type_name
        return list(SERVICES)

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        path = os.path.join(self.BUILTIN_DATA_PATH, name)
        if name != "endpoints" or not os.path.exists(f"{path}.json"):
            found: tuple[Any, str] = super().load_data_with_path(name)
            return found
        return _cut_endpoints(f"{path}.json", self._environ), path


def _cut_endpoints(path: str, environ: Mapping[str, str]) -> Any:
    """Return botocore's endpoints cut to `SERVICES`, from a cache beside the hints, per version of botocore."""
    status = os.stat(path)
    name = f"endpoints-{botocore.__version__}-{status.st_size}-{status.st_mtime_ns}-{len(SERVICES)}.json"
    cached = os.path.join(paths.own_cache(environ), name)
    with suppress(OSError, ValueError, RecursionError):
        endpoints = paths.read_json(cached)
        if _is_complete(endpoints):
            return endpoints
    with open(path, "rb") as file:
        endpoints = json.load(file)
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {service: services[service] for service in SERVICES if service in services}
    with suppress(OSError):  # without it the next call is slower, not wrong
        cache.store(cached, endpoints)
    return endpoints


_PARTS = {"partition": str, "defaults": dict, "regions": dict, "services": dict}


def _is_complete(endpoints: Any) -> bool:
    """Whether cached endpoints have botocore's structure: a foreign file in their place would break every call."""
    partitions = endpoints.get("partitions") if isinstance(endpoints, dict) else None
    return isinstance(partitions, list) and all(
        isinstance(partition, dict) and all(isinstance(partition.get(part), kind) for part, kind in _PARTS.items())
        for partition in partitions or [None]
    )
