"""Whether a check that failed is worth repeating later, or needs a hand."""

from adapters.keys import KEY_REFUSED, unusable
from connector.cli.stages.reading import _of_what_is_wrong
from connector.errors import AccessDenied, Exit, RemoteError, RetryLater
from connector.ports import Access, Problem


def found(error: RemoteError) -> Problem:
    return unusable(error, refused="Nyckeln nekades.", silent="Tjänsten svarar inte.")


SILENT = found(RetryLater("no answer.", adapter="a", operation="read account"))
NO_HOST = found(AccessDenied("There is no host.", adapter="a", operation="read account"))
REFUSED = found(AccessDenied("no.", adapter="a", operation="read account", status=401))


def code(*problems: Problem) -> Exit:
    return _of_what_is_wrong([Access(adapter="a", reachable=False, can_read=False, problems=problems)])


def test_services_that_do_not_answer_are_tried_later() -> None:
    assert code(SILENT, SILENT) is Exit.TRY_LATER


def test_one_fault_that_needs_a_hand_is_no_matter_of_waiting() -> None:
    assert code(SILENT, REFUSED) is Exit.ERROR
    assert code(SILENT, NO_HOST) is Exit.ERROR


def test_an_address_without_a_host_is_no_refused_key() -> None:
    assert (NO_HOST.code, NO_HOST.sv) == ("unreachable", "There is no host.")
    assert REFUSED.code == KEY_REFUSED
