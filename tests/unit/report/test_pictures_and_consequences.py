"""Bars that stay true, and what a wave means for the owner."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connector.ports import Act, Role
from connector.records import Action, Field, Kind, Wave
from connector.report.drawn.pictures import WIDTH, pieces
from connector.report.dry_run.consequences import irreversible, notices
from connector.report.dry_run.model import FieldCount, RecipientView

counts = some.lists(some.integers(min_value=0, max_value=1_000_000), min_size=1, max_size=8)


@given(counts)
def test_every_part_that_is_not_zero_is_visible(parts: list[int]) -> None:
    assert [piece.part for piece in pieces(parts)] == [index for index, part in enumerate(parts) if part]


@given(counts)
def test_pieces_stand_side_by_side_inside_the_bar(parts: list[int]) -> None:
    edge = 0.0
    for piece in pieces(parts):
        assert piece.x >= edge - 0.02
        assert piece.width >= 1
        edge = piece.x + piece.width
    assert edge <= WIDTH + 0.02


def test_a_bar_is_as_long_as_its_share_of_the_longest() -> None:
    (piece,) = pieces([0.5], whole=1.0)
    assert piece.x + piece.width == pytest.approx(WIDTH / 2, abs=3)


def test_a_bar_of_nothing_has_no_pieces() -> None:
    assert pieces([0, 0]) == ()


def cleared(*fields: Field) -> list[FieldCount]:
    """Fields that are redacted once each."""
    return [FieldCount(field=field, action=Action.REDACT, count=1) for field in fields]


def whole(kind: Kind, action: Action = Action.DELETE) -> list[FieldCount]:
    """One whole record of a kind."""
    return [FieldCount(field=None, action=action, count=1, kind=kind)]


MAILCHIMP = RecipientView(
    name="Mailchimp", code="MC", role=Role.PROCESSOR, act=Act.ERASE, count=1, irreversible=True
)


def test_a_redacted_email_is_noticed_at_refund_search_and_resending() -> None:
    assert notices(Wave.EMAIL_ADDRESS, cleared(Field.EMAIL)) == ("refund", "search", "resend")


def test_a_notice_is_said_once_though_two_fields_cause_it() -> None:
    codes = notices(Wave.EMAIL_ADDRESS, cleared(Field.EMAIL, Field.NAME))
    assert codes.count("search") == 1


def test_a_field_that_nobody_misses_is_noticed_by_nothing() -> None:
    assert notices(Wave.TRACES, cleared(Field.CUSTOM)) == ("nothing",)


def test_a_deleted_account_cannot_log_in() -> None:
    assert "my_account_gone" in notices(Wave.ACCOUNTS, whole(Kind.CUSTOMER))


def test_an_address_deleted_at_mailchimp_is_the_gravest() -> None:
    codes = irreversible(Wave.ACCOUNTS, whole(Kind.CUSTOMER), recipients=(MAILCHIMP,))
    assert codes == ("mailchimp", "account")


def test_an_unsubscribed_contact_is_not_said_to_be_deleted() -> None:
    counts = whole(Kind.SUBSCRIBER, Action.UNSUBSCRIBE)
    assert irreversible(Wave.NEWSLETTER, counts) == ("unsubscribed",)
    assert notices(Wave.NEWSLETTER, counts) == ("newsletter",)


def test_a_recipient_that_can_undo_adds_nothing() -> None:
    letter = RecipientView(name="PostNord", code="PN", role=Role.CONTROLLER, act=Act.NOTIFY, count=1)
    assert irreversible(Wave.TRACES, (), recipients=(letter,)) == ()
