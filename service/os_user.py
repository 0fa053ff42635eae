"""The operating-system user that runs the embedded PostgreSQL, which refuses to run as root."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNPRIVILEGED = "nobody"
OTHERS_MAY_PASS = 0o001
OTHERS_MAY_READ_AND_RUN = 0o005


@dataclass(frozen=True)
class OsUser:
    """Who runs the server: ourselves, or, when we are root, somebody with fewer rights."""

    uid: int
    gid: int
    switched: bool
    setpriv: str | None = None

    def own(self, path: Path) -> None:
        """Give a file or directory that root made to this user."""
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def command(self, command: list[str]) -> list[str]:
        """The command as this user runs it.

        Where only root can reach the installed programs or the data (below a home directory
        of mode 0700, say), the server keeps root's right to pass directories, and no other.
        """
        if self.setpriv is None:
            return command
        return [
            self.setpriv,
            f"--reuid={self.uid}",
            f"--regid={self.gid}",
            "--clear-groups",
            "--securebits=+no_setuid_fixup",
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
            *command,
        ]

    def process_options(self) -> dict[str, Any]:
        """What `subprocess` must be told to become this user."""
        if not self.switched or self.setpriv is not None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def user_for(cluster: Path, program: Path) -> OsUser:
    """The user for the server in `cluster`, run from `program`.

    An existing cluster keeps its owner, so an operator chooses by changing that.
    """
    if os.geteuid() != 0:
        return OsUser(os.geteuid(), os.getegid(), switched=False)
    owner = cluster.stat() if cluster.exists() else None
    if owner is not None and owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        entry = pwd.getpwnam(UNPRIVILEGED)
        uid, gid = entry.pw_uid, entry.pw_gid
    reachable = _may_pass(uid, cluster) and _may_pass(uid, program) and _may_run(program)
    return OsUser(uid, gid, switched=True, setpriv=None if reachable else shutil.which("setpriv"))


def _may_pass(uid: int, path: Path) -> bool:
    directories = [each.stat() for each in path.parents if each.exists()]
    return all(each.st_uid == uid or each.st_mode & OTHERS_MAY_PASS for each in directories)


def _may_run(program: Path) -> bool:
    return program.stat().st_mode & OTHERS_MAY_READ_AND_RUN == OTHERS_MAY_READ_AND_RUN
