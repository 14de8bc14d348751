"""The last line of `plan`: English in every language, one line, made to be grepped."""

from connector.plan import Totals


def plan_sentence(totals: Totals) -> str:
    """The last line of `plan`; the five counts sum to the records."""
    return (
        f"Plan: {totals.delete} to delete, {totals.redact} to redact, {totals.held} on hold, "
        f"{totals.kept_by_law} kept by law, {totals.nothing_due} nothing due, "
        f"of {totals.records} records; {totals.by_hand} by hand."
    )
