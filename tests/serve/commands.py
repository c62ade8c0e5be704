"""Commands as they are typed, with `--json`. Imported as `tidegate.tests.serve.commands`."""

import json
from typing import Any

from typer.testing import CliRunner

from tidegate.engine.errors import ConfigError
from tidegate.serve.cli import app


def run(*arguments: str) -> tuple[int, Any]:
    """The exit code, and what was printed. Raises the ConfigError that a command ends with."""
    done = CliRunner().invoke(app, [*arguments, "--json"])
    if isinstance(done.exception, ConfigError):
        raise done.exception
    return done.exit_code, json.loads(done.stdout)
