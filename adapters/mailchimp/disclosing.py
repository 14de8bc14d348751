"""Every value of a member of an audience, by the names of Mailchimp's API (GET /lists/{id}/members/{id})."""

import re
from collections.abc import Mapping
from typing import Any

from adapters.disclosed import by_places, disclosed
from connector.ports.disclosing import Shown
from connector.records import Field

GIVEN = re.compile(r"email_address\Z|merge_fields\.|full_name\Z|sms_phone_number\Z|interests\.|language\Z")
_NAMED = (
    ("email_address", Field.EMAIL), ("full_name", Field.NAME), ("sms_phone_number", Field.PHONE),
    ("ip_signup", Field.IP_ADDRESS), ("ip_opt", Field.IP_ADDRESS), ("tags", Field.TAGS),
    ("tags_count", Field.TAGS), ("last_note", Field.STAFF_NOTES), ("merge_fields", Field.CUSTOM),
)  # fmt: skip


def shown(member: Mapping[str, Any], merge_fields: Mapping[str, Field]) -> tuple[Shown, ...]:
    """Every value of a member; a merge field by what the settings say that it holds, else `custom`."""
    own = [(f"merge_fields.{tag}", field) for tag, field in merge_fields.items()]
    return disclosed(member, by_places([*_NAMED, *own], {}), given=GIVEN)
