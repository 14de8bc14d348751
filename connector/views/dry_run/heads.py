"""Who the shop is, and which policy it follows: what every document begins with."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from connector.basis import Basis
from connector.ledger.approvals import Approval
from connector.ledger.undone import put_back, undoings
from connector.plan import Plan
from connector.ports import Access, Role
from connector.report.shared import ApprovalView, BasisView, PolicyRef, UndoneView, short_code
from connector.report.shared import Shop as Letterhead
from connector.shop import Shop


def letterhead(shop: Shop, accesses: Mapping[str, Access]) -> Letterhead:
    """The shop and the company that answers for it; a trade name never stands in for the controller."""
    settings = shop.settings
    platform = str(settings.platform.name)
    access = accesses.get(platform)
    return Letterhead(
        name=settings.shop.name,
        id=settings.shop.id,
        company=settings.company.name or "",
        organisation_number=settings.company.organisation_number or "",
        platform=platform,
        version=access.version if access else "",
        contact=settings.company.contact or "",
    )


def known_as(shop: Shop, recipient: str) -> tuple[str, str, Role]:
    """A recipient's title, code and role; one that the settings no longer name is known by its name alone.

    Its role is not known then: a controller is promised less than one who is instructed.
    """
    processor = shop.processors.get(recipient)
    if processor is None:
        return recipient, "", Role.CONTROLLER
    return shop.settings.recipient(recipient).title or recipient, processor.recipient, processor.role


def basis_views(bases: Sequence[Basis]) -> tuple[BasisView, ...]:
    """What a plan rests on, or what one made now would, kind by kind."""
    return tuple(
        BasisView(
            service=one.adapter,
            kind=one.kind,
            as_of=datetime.fromisoformat(one.as_of) if one.as_of else None,
            missing=one.missing,
            why=one.why,
            unread=one.unread,
            declared_by=one.declared_by,
            declared_on=one.declared_on,
        )
        for one in bases
    )


def approval_view(given: Approval, plan: Plan) -> ApprovalView:
    """Who approved a plan, as its documents say it."""
    return ApprovalView(
        by=given.person,
        role=given.role,
        at=datetime.fromisoformat(given.at),
        valid_through=plan.expires,
        on_behalf=given.on_behalf,
        standing=given.standing,
        typed_by=given.typed_by,
    )


def undone_views(shop: Shop, connection: Connection, plan: Plan) -> tuple[UndoneView, ...]:
    """Each undo that put something of a plan's run back: its plan, when, and of how many records."""
    undos = undoings(shop.ledger, connection, of=plan.digest)
    return tuple(
        UndoneView(code=short_code(one.digest), at=datetime.fromisoformat(one.at), records=len(records))
        for one in undos
        if (records := put_back(connection, [one.plan]))
    )


def policy_ref(plan: Plan) -> PolicyRef:
    """The policy a plan was made under."""
    name, _, version = plan.policy.partition("@")
    return PolicyRef(name=name, version=version, digest=plan.policy_digest)
