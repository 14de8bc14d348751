"""Who keeps all of their orders in the shop because they bought again."""

from datetime import date

from connector.ledger.together import Together, bought_again
from connector.policy import FinancialYears, ShopContext, load_policy
from connector.records import Field, Kind
from tests.engine_support import LAST_YEAR, LONG_AGO, Engine

EVERY_THIRD_YEAR = (date(2015, 5, 4), date(2018, 5, 4), date(2021, 5, 4), date(2024, 5, 4))


def linked(engine: Engine, account: str, *days: date) -> None:
    """Orders of one account, each linked to it."""
    for number, day in enumerate(days):
        order = engine.shop.order(f"{account}{number}", day, account=account)
        order.values[Field.ACCOUNT] = account


def counted(engine: Engine) -> Together:
    """What the ledger says once everything is decided."""
    engine.pull()
    engine.plan()
    with engine.ledger.begin() as connection:
        return bought_again(connection, engine.ledger.shop, "shop", today=engine.today.isoformat())


def test_the_customer_who_buys_every_third_year_keeps_the_old_orders_too(engine: Engine) -> None:
    linked(engine, "7", *EVERY_THIRD_YEAR)
    assert counted(engine) == Together(customers=1, past=1)


def test_a_second_purchase_in_time_keeps_the_first_before_its_time_is_over(engine: Engine) -> None:
    linked(engine, "7", date(2023, 5, 4), LAST_YEAR)
    assert counted(engine) == Together(customers=1, past=0)


def test_a_single_purchase_keeps_nobody_elses(engine: Engine) -> None:
    linked(engine, "7", LAST_YEAR)
    linked(engine, "8", LAST_YEAR, LAST_YEAR)
    assert counted(engine) == Together()


def test_who_stopped_buying_is_not_counted_once_every_order_may_go(engine: Engine) -> None:
    linked(engine, "7", LONG_AGO, date(2016, 3, 3))
    assert counted(engine) == Together()


def test_an_order_of_a_guest_goes_its_own_way(engine: Engine) -> None:
    engine.shop.order("1", LONG_AGO, email="disa@kund.example")
    engine.shop.order("2", LAST_YEAR, email="disa@kund.example")
    assert counted(engine) == Together()


def test_an_order_in_a_year_that_no_setting_names_must_stay(engine: Engine) -> None:
    engine.policy = load_policy(
        "swedish-webshop",
        context=ShopContext(financial_years=FinancialYears.ending("12-31", 2024, 2027)),
        overrides={"T-20": {"waive_warning": True}},
    )
    linked(engine, "7", LONG_AGO, date(2016, 3, 3))
    assert counted(engine).customers == 1


def test_an_order_that_left_the_shop_keeps_nothing(engine: Engine) -> None:
    linked(engine, "7", LONG_AGO, LAST_YEAR)
    assert counted(engine).past == 1
    del engine.shop.held[engine.shop.of("71", Kind.ORDER).ref]
    engine.pull(full=True)
    assert counted(engine) == Together()
