"""What the chain does not speak of, table by table and column by column, each with its reason."""

from collections.abc import Mapping

TABLES: Mapping[str, str] = {
    "cursor": "how far a pull has come: a full walk finds what a changed one would skip",
    "subject": "drawn from records anew whenever one of them changes",
    "identifier": "keyed names of persons, read again with their records",
    "record": "what a service showed; apply reads every record again before it touches it",
    "unread_person": "keyed names of persons, read again with their records",
    "mark": "what stood out on a record, read again with it",
    "task": "found again by every plan and read-back; who says that it is done is an event of the chain",
    "tally": "counts for the reports, drawn from verdicts",
    "turn": "makes two writers wait for each other, and decides nothing",
    "run_lock": "which run is the newest: one that is not stops, and what it had written stands elsewhere",
    "erased": "who came back is told of, and a replay of them is a plan that a person approves",
    "undo_copy": "opens only with the vault key and only in its own row; restoring it is an approved plan",
    "request_answer": "opens only with the vault key and only in its own row; who opened it is an event",
    "request_letter": "that a letter was written, and on whose word it left, are events of the chain",
    "post": "what monitors are told of what stands elsewhere; nothing is decided by it",
    "service_clock": "measured anew by every pull",
}
"""Tables of which nothing is proven."""
COLUMNS: Mapping[tuple[str, str], str] = {
    ("event", "id"): "the row's number alone: events stand in the order of their place in the chain",
    ("approval", "id"): "the row's number alone: an approval is known by its plan and wave",
    ("approval", "typed_by"): "the event of the approval says which of the system's users typed the name",
    ("inbox", "sealed"): "opens only with the vault key and only in its own row; it may be sealed anew",
    (
        "unread",
        "label",
    ): "what a service showed, for a person to find the record by; nothing is decided by it",
    ("unread", "reason"): "why it could not be read, for a person; nothing is decided by it",
    ("unread", "since"): "for a person; nothing is decided by it",
    ("unread", "seen"): "the walk that met it last, measured anew by every pull",
    ("unread", "beyond"): "whether a walk had met it when it began, measured anew by every pull",
    ("delivery", "sealed"): "opens only with the vault key and only in its own row; it may be sealed anew",
    ("request", "sealed"): "opens only with the vault key and only in its own row; it may be sealed anew",
    ("request", "code_digest"): "of a code that was sent and lives for days; a proof by it is proven itself",
    ("request", "code_until"): "of a code that was sent and lives for days",
    ("request", "code_tries"): "how often another code was given; a proof by the right one is proven itself",
}
"""Columns of proven tables that are not proven."""
