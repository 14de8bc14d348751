"""Made-up orders and customers, as Shopify answers them."""

from typing import Any

Node = dict[str, Any]


def address(**changes: Any) -> Node:
    """An address in Sweden."""
    return {
        "firstName": "Disa", "lastName": "Demosson", "company": None, "address1": "Provgatan 1",
        "address2": None,
        "city": "Provstad", "provinceCode": None, "zip": "114 55", "countryCodeV2": "SE",
        "phone": "+46701740605", **changes,
    }  # fmt: skip


def paged(*rows: Node, after: str | None = None) -> Node:
    """A page of a connection; `after` is the cursor of the next, where there is one."""
    info = {"hasNextPage": after is not None, "endCursor": after}
    return {"edges": [{"node": row} for row in rows], "pageInfo": info}


def line(number: int = 1, **changes: Any) -> Node:
    """A line of an order."""
    return {"id": f"gid://shopify/LineItem/{number}", "isGiftCard": False, "sellingPlan": None,
            "customAttributes": [], **changes}  # fmt: skip


def payment(**changes: Any) -> Node:
    """A payment by card."""
    return {"kind": "SALE", "status": "SUCCESS", "createdAt": "2023-02-01T10:00:00Z",
            "processedAt": "2023-02-01T10:00:00Z", "gateway": "shopify_payments", "paymentId": "c1.1",
            "paymentDetails": {"__typename": "CardPaymentDetails"}, **changes}  # fmt: skip


def money(amount: str) -> Node:
    """An amount in the shop's currency."""
    return {"shopMoney": {"amount": amount, "currencyCode": "SEK"},
            "presentmentMoney": {"amount": amount, "currencyCode": "SEK"}}  # fmt: skip


def order(number: int = 1, **changes: Any) -> Node:
    """A paid and delivered order with data in every place that matters."""
    return {
        "id": f"gid://shopify/Order/{number}", "name": f"#10{number:02}", "updatedAt": "2023-02-20T10:00:00Z",
        "createdAt": "2023-02-01T10:00:00Z", "processedAt": "2023-02-01T10:00:00Z", "cancelledAt": None,
        "closedAt": None, "email": "disa@kund.example", "phone": "+46701740605",
        "note": "Ring på, portkod 1234", "poNumber": None, "tags": ["stamkund"],
        "customAttributes": [{"key": "personnummer", "value": "19121212-1212"},
                             {"key": "Färg", "value": "blå"}],
        "shippingAddress": address(), "billingAddress": address(), "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "FULFILLED", "returnStatus": "NO_RETURN", "fullyPaid": True,
        "requiresShipping": True, "paymentGatewayNames": ["shopify_payments"], "clientIp": "192.0.2.7",
        "hasTimelineComment": False, "customer": {"id": "gid://shopify/Customer/9"},
        "customerJourneySummary": {"firstVisit": {"id": "v", "landingPage": f"https://shop.example/{number}",
                                                  "referrerUrl": None}, "lastVisit": None},
        "disputes": [],
        "transactions": [payment()], "transactionsCount": {"count": 1}, "fulfillmentsCount": {"count": 1},
        "fulfillments": [{"id": f"gid://shopify/Fulfillment/{number}", "status": "SUCCESS",
                          "createdAt": "2023-02-03T10:00:00Z", "deliveredAt": "2023-02-06T10:00:00Z",
                          "trackingInfo": [{"company": "PostNord", "number": "00340434", "url": None}]}],
        "refunds": [], "returns": paged(), "localizedFields": paged(), "lineItems": paged(line()),
        "metafields": paged(),
        "sourceName": "web",
        "currentTotalPriceSet": money("250.00"), "currentSubtotalPriceSet": money("200.00"),
        "currentTotalTaxSet": money("50.00"), "totalDiscountsSet": money("0.00"),
        "totalShippingPriceSet": money("0.00"),
        "taxLines": [{"title": "Moms", "rate": 0.25, "priceSet": money("50.00")}],
        "totalPriceSet": money("250.00"), "totalRefundedSet": money("0.00"),
        "totalOutstandingSet": money("0.00"),
        **changes,
    }  # fmt: skip


def customer(number: int = 9, **changes: Any) -> Node:
    """A customer with an order and an address."""
    return {
        "id": f"gid://shopify/Customer/{number}", "createdAt": "2022-01-01T10:00:00Z",
        "updatedAt": "2023-02-20T10:00:00Z", "firstName": "Disa", "lastName": "Demosson",
        "defaultEmailAddress": {"emailAddress": "disa@kund.example", "marketingState": "NOT_SUBSCRIBED",
                                "marketingOptInLevel": None, "marketingUpdatedAt": None},
        "defaultPhoneNumber": {"phoneNumber": "+46701740605", "smsMarketingConsent": None,
                               "whatsAppMarketingConsent": {"state": "NEVER_SUBSCRIBED", "optInLevel": None,
                                                            "updatedAt": None}},
        "note": "gillar linne", "tags": ["stamkund"], "state": "ENABLED", "multipassIdentifier": None,
        "numberOfOrders": "1", "canDelete": False, "hasTimelineComment": False,
        "productSubscriberStatus": "NEVER_SUBSCRIBED",
        "lastOrder": {"id": "gid://shopify/Order/1", "processedAt": "2023-02-01T10:00:00Z"},
        "addressesV2": paged(
            {"id": "gid://shopify/MailingAddress/5?model_name=CustomerAddress", **address()}),
        "storeCreditAccounts": paged(), "metafields": paged(), **changes,
    }  # fmt: skip


def written(before: Node, given: Node) -> Node:
    """The order that an `orderUpdate` with this input answers with."""
    shipping = given.get("shippingAddress")
    after = {**before, **{name: value for name, value in given.items() if name != "shippingAddress"}}
    if shipping:
        after["shippingAddress"] = {**shipping, "countryCodeV2": shipping["countryCode"]}
    return after


def draft(number: int = 3, **changes: Any) -> Node:
    """An open draft order."""
    return {
        "id": f"gid://shopify/DraftOrder/{number}", "name": "#D3", "createdAt": "2026-02-01T10:00:00Z",
        "updatedAt": "2026-02-01T10:00:00Z", "completedAt": None, "status": "OPEN",
        "email": "disa@kund.example", "phone": None, "note2": "ring", "poNumber": None, "tags": [],
        "customAttributes": [{"key": "Färg", "value": "blå"}], "billingAddress": address(),
        "shippingAddress": None, "customer": {"id": "gid://shopify/Customer/9"}, "order": None, **changes,
    }  # fmt: skip


def cart(number: int = 4, **changes: Any) -> Node:
    """An abandoned checkout."""
    return {
        "id": f"gid://shopify/AbandonedCheckout/{number}", "name": "#4", "createdAt": "2026-11-01T10:00:00Z",
        "updatedAt": "2026-11-01T10:00:00Z", "completedAt": None, "note": "", "customAttributes": [],
        "billingAddress": None, "shippingAddress": address(),
        "customer": {"id": "gid://shopify/Customer/9",
                     "defaultEmailAddress": {"emailAddress": "disa@kund.example"},
                     "defaultPhoneNumber": {"phoneNumber": "+46701740605"}}, **changes,
    }  # fmt: skip


def gift_card(number: int = 5, **changes: Any) -> Node:
    """A gift card with a greeting."""
    return {
        "id": f"gid://shopify/GiftCard/{number}", "createdAt": "2026-02-01T10:00:00Z",
        "updatedAt": "2026-02-01T10:00:00Z", "enabled": True, "deactivatedAt": None,
        "expiresOn": "2029-02-01",
        "balance": {"amount": "100.0"}, "note": "till Disa", "customer": {"id": "gid://shopify/Customer/9"},
        "recipientAttributes": {"message": "Grattis", "preferredName": "Disa", "sendNotificationAt": None,
                                "recipient": {"id": "gid://shopify/Customer/9"}}, **changes,
    }  # fmt: skip
