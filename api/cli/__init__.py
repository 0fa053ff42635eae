"""The command line `amends`: the second front door, for whoever runs the service."""

import sys


def main() -> None:
    """Run the command named on the command line and exit with one of the codes in `exits`."""
    try:
        # Late, so that an early Ctrl-C ends as quietly as a later one.
        from api.cli.program import amends, end_on_signals

        end_on_signals()
    except KeyboardInterrupt:
        sys.exit(130)
    amends()
