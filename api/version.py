"""The version of Amends, told by the command line and by the description of the API."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """The version of the installed package, e.g. `0.1.0`."""
    try:
        return version("amends")
    except PackageNotFoundError:
        return "not installed as a package"
