"""``cocreate``: the command line. Each topic registers its own commands."""

from __future__ import annotations

import importlib
import os
import sys

import click

from cocreate.config import ENV_FILE_VARIABLE, ConfigError

# Imported only when asked for: 'cocreate keys new' should not wait for a web server to load.
COMMANDS = {
    "serve": "site",
    "freeze": "site",
    "keys": "db",
    "members": "members",
    "letters": "letters",
    "feedback": "members",
    "purge": "members",
    "mail": "mail",
    "db": "db",
    "status": "site",
    "settings": "site",
    "translations": "translations",
}


class Lazy(click.Group):
    """Loads the module of a command when that command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"cocreate.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cocreate")
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False),
    help="File of settings, instead of .env; also COCREATE_ENV_FILE.",
)
def cocreate(env_file: str | None) -> None:
    """Serve, freeze and look after the co-creation site."""
    if env_file:
        os.environ[ENV_FILE_VARIABLE] = env_file


def main() -> None:
    """Run a command; a wrong setting or a known failure is one line on stderr, never a traceback.

    Exit codes: 0 done, 1 could not be done, 2 wrong usage or settings.
    """
    try:
        cocreate()
    except ConfigError as error:
        click.echo(f"cocreate: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
