"""What WooCommerce is: its keys in the settings, what it holds, and what its API leaves to a hand."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt

from connector.about import About, Both
from connector.about.secrets import Secret
from connector.about.tables import ShopSystem
from connector.about.values import Holds, Text
from connector.records import Field as RecordField
from connector.records import Kind


class WooCommerceTable(ShopSystem):
    """A WordPress shop behind its REST API."""

    needs: ClassVar[tuple[str, ...]] = ("url", "key", "secret")

    key: Secret | None = None
    secret: Secret | None = None
    # Declared anew: its client refuses an address in clear text by itself, unless this is on.
    insecure: StrictBool = False
    rest_prefix: Text = "wp-json"
    query_string_auth: StrictBool = False
    batch: Annotated[StrictInt, Field(ge=1, le=100)] = 50
    # By key what it holds: a field, or harmless.
    order_meta: dict[str, Holds] = Field(default_factory=dict)
    customer_meta: dict[str, Holds] = Field(default_factory=dict)
    coupon_meta: dict[str, Holds] = Field(default_factory=dict)
    # By key of the shop's own opt-in fields: the channel that a yes there is about.
    opt_in: dict[str, Literal["email", "sms", "whatsapp"]] = Field(default_factory=dict)


ABOUT = About(
    name="woocommerce",
    title="WooCommerce",
    order=1,
    platform=WooCommerceTable,
    kinds=(Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON),
    to_fill_in=Both(
        sv="en REST-nyckel; läsrätt räcker till torrkörningen",
        en="a REST key; Read is enough for the dry run",
    ),
    keys_made=Both(
        sv="I butikens admin: WooCommerce > Inställningar > Avancerat > REST API > Lägg till nyckel. Välj en "
        "administratör som användare och Läs som behörighet. Båda visas bara en gång.",
        en="In the shop's admin: WooCommerce > Settings > Advanced > REST API > Add key. Choose an "
        "administrator as user and Read as permission. Both are shown only once.",
    ),
    key_names={
        "key": Both(sv="Konsumentnyckel (ck_…)", en="Consumer key (ck_…)"),
        "secret": Both(sv="Konsumenthemlighet (cs_…)", en="Consumer secret (cs_…)"),
    },
    besides={
        (Kind.REVIEW, RecordField.IP_ADDRESS): Both(
            sv="i WooCommerce tas den bort för hand, med hela omdömet",
            en="in WooCommerce it is removed by hand, with the review",
        )
    },
)
