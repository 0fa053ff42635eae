"""The seed and the figures of the fault tests, shown at the end of every run."""

import pytest

from tests.faults import extent


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how to repeat the run, and what it counted."""
    form = "long" if extent.LONG else "short"
    again = f"FAULTS={form} FAULTS_SEED={extent.SEED}"
    terminalreporter.write_line(f"fault tests: {form} form, seed {extent.SEED} ({again})")
    for line in extent.found:
        terminalreporter.write_line(f"  {line}")
