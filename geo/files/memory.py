"""How little a process takes that works beside the service. Imports nothing heavy."""

import contextlib
import os
import resource

# Behind everything else on the machine: nobody's question must wait for a file.
NICENESS = 10


def give_way() -> None:
    """Let this process work when nothing else does; called when it has started, not before."""
    os.nice(NICENESS)


def limit_memory(memory_mb: int) -> None:
    """Let this process take at most so much memory; beyond it, Python raises MemoryError.

    Counted is what can be written to, not address space that is only reserved. Where the system
    does not know this limit (macOS takes it and does nothing) there is none.
    """
    most = memory_mb << 20
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
