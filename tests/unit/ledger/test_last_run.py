"""What counts as the shop's last run, by which the limits of the next are set."""

from sqlalchemy import update

from connector.ledger import schema
from connector.ledger.plans.counts import last_run
from connector.ledger.plans.scopes import NIGHTLY, scope_of_request
from connector.records import Wave
from tests.engine_support import Engine


def test_the_plan_of_a_persons_request_is_no_run_of_the_shop(engine: Engine) -> None:
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.approve()
    engine.apply((Wave.TRACES, Wave.EMAIL_ADDRESS))
    with engine.ledger.begin() as connection:
        assert last_run(connection, engine.ledger.shop) is not None
        connection.execute(update(schema.plan).values(scope=scope_of_request("R-7K3M2P")))
        assert last_run(connection, engine.ledger.shop) is None
        connection.execute(update(schema.plan).values(scope=NIGHTLY))  # as the chain says that it stands
