"""What a check of one service finds, whatever it answers."""

from connector.errors import RemoteError, RetryLater
from connector.ports import Access, Platform, Problem, Processor


def checked(name: str, one: Platform | Processor) -> Access:
    """What a check of one service found; a fault of the service is a finding, and stops nothing."""
    try:
        return one.check()
    except RemoteError as fault:
        later = isinstance(fault, RetryLater)
        problem = Problem(severity="error", code="unreachable", en=str(fault), sv=str(fault), later=later)
        return Access(adapter=name, reachable=False, can_read=False, problems=(problem,))
