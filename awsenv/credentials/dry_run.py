"""Check whether botocore accepts settings and variables: it rejects many of them before any request."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv.aws import paths
from awsenv.aws.config_files import Settings

__all__ = ["refusal"]

_PROFILE = "default"


def refusal(
    settings: Mapping[str, str | dict[str, str]],
    sections: Mapping[str, Settings],
    region: str,
    environ: Mapping[str, str],
) -> Exception | None:
    """Return what botocore raises when it creates a client for STS or the credential providers; None if it succeeds.

    Args:
        settings: those of the profile.
        sections: header -> settings of the other sections of the config file.
        region: where STS is called.
        environ: the environment; the files that it names are not read.
    """
    from awsenv.credentials import _botocore

    files = {paths.config_file(environ): {**sections, _PROFILE: dict(settings)}}
    with _botocore.environment_set_to(environ), _botocore.files_cut_to(files):
        try:
            session = _botocore.new_session(_PROFILE, region, environ, _botocore.Config())
            _botocore.require_sts(session, region)
            _botocore.resolver(session, region, {}, str)
        except Exception as error:  # botocore lets through whatever its parts raise
            return error
    return None
