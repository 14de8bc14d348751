"""The closing sentences: English in every language, one line, made to be grepped."""

from connector.report.model import ReadBack, Totals


def plan_sentence(totals: Totals) -> str:
    """The last line of `plan`; the five counts sum to the records."""
    return (
        f"Plan: {totals.delete} to delete, {totals.redact} to redact, {totals.held} on hold, "
        f"{totals.kept_by_law} kept by law, {totals.nothing_due} nothing due, "
        f"of {totals.records} records; {totals.by_hand} by hand."
    )


def verified_sentence(read_back: ReadBack) -> str:
    """The last line of `verify`; clean and left sum to what was read back, the unread stand apart."""
    unread = f"; {read_back.unread} could not be read" if read_back.unread else ""
    return (
        f"Verified: {read_back.read} read back, {read_back.clean} clean, {read_back.left} with data left, "
        f"{read_back.accepted} accepted, {read_back.notified} notified, {read_back.by_hand} by hand{unread}."
    )
