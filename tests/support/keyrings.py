"""The variables that choose a keyring: one in a file, and one that fails."""

from __future__ import annotations

KEYRING = {"AWSENV_CACHE": "keyring", "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}


NONE = {"AWSENV_CACHE": "keyring", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
