"""What stops a start: one sentence for what happened, one for the way out."""

from typing import ClassVar

from domain.errors import WhistleError


class StartError(WhistleError):
    """The product cannot start here. `way_out` is what a person can do about it."""

    code: ClassVar[str] = "ops.start"

    def __init__(self, problem: str, way_out: str) -> None:
        super().__init__(f"{problem}. {way_out[0].upper()}{way_out[1:]}.")
        self.problem = problem
        self.way_out = way_out


class MissingPackage(StartError):
    """A program that the system has to provide is not installed."""

    code: ClassVar[str] = "ops.package"


class MissingRight(StartError):
    """This user may not do what the start needs."""

    code: ClassVar[str] = "ops.right"


class DiskFull(StartError):
    """Too little room for the database."""

    code: ClassVar[str] = "ops.disk"


class PortTaken(StartError):
    """Another program listens where we should."""

    code: ClassVar[str] = "ops.port"


class AlreadyRunning(StartError):
    """Another start of the same data folder is alive."""

    code: ClassVar[str] = "ops.running"


class NotRunning(StartError):
    """Nothing runs that could do it."""

    code: ClassVar[str] = "ops.not_running"


class BrokenCluster(StartError):
    """The data folder of the database is not one that we can use."""

    code: ClassVar[str] = "ops.cluster"


class ChildFailed(StartError):
    """A process of ours ended before it was ready."""

    code: ClassVar[str] = "ops.child"
