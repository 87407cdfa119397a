"""Credentials for readers other than a shell: `--format env`, `dotenv` and `json`."""

from awsenv.result import AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awsenv.environment import Change

__all__ = ["write"]


def write(form: str, change: "Change") -> str:
    """Return the AWS variables that a change sets.

    Args:
        form: "env": unquoted lines NAME=VALUE, as `docker run --env-file` and env(1) read them; "dotenv": the same,
            quoted for dotenv files; "json": one object.
        change: the change.

    Raises:
        AwsenvError: the format cannot represent a value.
    """
    values = {name: value for name, value in change.items() if value is not None and name.startswith("AWS_")}
    if form == "json":
        import json

        return json.dumps(values, indent=2) + "\n"
    for name, value in values.items():
        if any(character < " " for character in value) or (form == "dotenv" and "'" in value):
            raise AwsenvError(
                f"the value of {name} has a character that a line of {form} cannot hold", "use --format json"
            )
    quote = "'" if form == "dotenv" else ""
    return "".join(f"{name}={quote}{value}{quote}\n" for name, value in values.items())
