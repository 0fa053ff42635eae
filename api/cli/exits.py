"""The exit codes of every command, and the one error that carries one."""

from enum import IntEnum


class Exit(IntEnum):
    """What a script may conclude from the exit code; the meanings are the manual's table."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> "Exit":
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, "Done, and nothing is wrong."
    FOUND = 1, "Done, and something is wrong: a fault was found, or a part could not be done."
    USAGE = 2, "The command line is wrong; nothing was done."
    CONFIGURATION = (
        3,
        "A setting, the master key, the register of erasures or the data directory cannot be used.",
    )
    DATABASE = 4, "The database cannot be reached, or the embedded one does not start."
    REFUSED = (
        5,
        "Refused: the database forbids it as it stands, e.g. it is not migrated; or this wants an "
        "API key in force with the right role, a reason, or a smaller question.",
    )
    NOT_FOUND = 6, "There is no such case, customer, decision, token or read model."
    IN_USE = 7, "The port or the data directory is in use."
    STOPPED = 8, "The web server or the worker kept failing, so `serve` stopped everything."
    FAULT = 70, "A fault in Amends itself; the line on standard error says where."
    INTERRUPTED = 130, "Ctrl-C; what was begun was ended cleanly."
    PIPE_CLOSED = 141, "Whoever read the output went away, as `head` does."
    TERMINATED = 143, "SIGTERM; `serve`, `web` and `worker` end with 0 instead."


class CommandError(Exception):
    """A command cannot go on: one line that says what is wrong, and one that says what to do."""

    def __init__(self, exit_code: Exit, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.advice = advice
