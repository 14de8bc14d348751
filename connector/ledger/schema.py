"""The ledger's tables: one schema for every database; no direct identifier in any column.

Dates and times are ISO text, which sorts; `next_due` is empty where a row must be decided
anew and NULL where only new facts can change it. Bodies are JSON of the engine's values.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from connector.ledger.states import (
    DeliveryState,
    LetterState,
    MessageState,
    PlanState,
    PostState,
    RequestState,
    StepState,
    WarningState,
    one_of,
)

VERSION = "0027"
"""The newest migration; ledger/migrations has one file for each."""

DIGEST_KEY = "digest key, wrapped"
"""In `meta`: the key that handles are named by, wrapped; without it all is sealed as by an older Gallra."""

SECRET = frozenset({"sealed", "wrapped"})
"""The names of columns that hold what is sealed, or a key of it: no copy of a ledger holds any of them."""

MOVED = "moved: "
"""In `meta`, with a shop's id behind it: that shop's ledger lies elsewhere now; the value says since when."""

SECRET_META = frozenset({DIGEST_KEY})

metadata = MetaData()

meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

cursor = Table(
    "cursor",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("adapter", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("full_at", Text),
    Column("at", Text, nullable=False),
    Column("ended_at", Text),  # when a pull of this kind last ran to its end
    # What the service counted and the last walk did not meet; NULL until a walk has ended under a count.
    Column("missing", Integer),
    Column("why", Text, nullable=False, default=""),  # why it is incomplete where no number says it
)

subject = Table(
    "subject",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("dirty", Boolean, nullable=False, default=True),
    Column("facts", LargeBinary),
    Index("subject_dirty", "shop", "dirty"),
)

identifier = Table(
    "identifier",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=False),  # fingerprint of the subject key
    Column("subject", Integer, nullable=False),
    Index("identifier_subject", "subject"),
)

record = Table(
    "record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("present", Integer, nullable=False),
    Column("subject", Integer),
    Column("purchased", Text),
    Column("last_login", Text),
    Column("living", Boolean, nullable=False, default=False),
    Column("next_due", Text),
    Column("state", Text, nullable=False, default="new"),
    Column("holds", Text, nullable=False, default=""),
    Column("tallies", Text, nullable=False, default=""),
    Column("seen", Integer, nullable=False, default=0),
    Column("beyond", Boolean, nullable=False, default=False),  # came into being after the walk that saw it
    Column("gone", Boolean, nullable=False, default=False),
    Column("kept", LargeBinary),  # facts that outlast our writes: connector/policy/lasting.py
    # Whose word it rests on: said, confirmed (said twice), erased (by us), unconfirmed (an older Gallra).
    Column("gone_word", Text, nullable=False, default=""),
    UniqueConstraint("shop", "adapter", "kind", "remote_id"),
    Index("record_due", "shop", "gone", "next_due"),
    Index("record_subject", "subject"),
    Index("record_state", "shop", "gone", "kind", "state"),
)

# Records that are there and could not be read: kept, named, and their persons wait.
unread = Table(
    "unread",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("label", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("seen", Integer, nullable=False, default=0),
    Column("beyond", Boolean, nullable=False, default=False),
    Column("settled_by", Text, nullable=False, default=""),
    Column("settled_at", Text),
    UniqueConstraint("shop", "adapter", "kind", "remote_id"),
)

# Whose an unread record is, as far as that could be read: keyed identifiers.
unread_person = Table(
    "unread_person",
    metadata,
    Column("unread", Integer, ForeignKey("unread.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
)

# What stands out on a record: surprises and places no API reaches; types and places, no values.
mark = Table(
    "mark",
    metadata,
    Column("record", Integer, ForeignKey("record.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Index("mark_record", "record"),
    Index("mark_code", "code", "place"),
)

# How many fields stand under which verdict: kept in step with record.tallies.
tally = Table(
    "tally",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("wave", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("through", Text, nullable=False),
    Column("count", Integer, nullable=False, default=0),
    UniqueConstraint("shop", "kind", "field", "rule", "state", "reason", "wave", "basis", "through"),
)

hold = Table(
    "hold",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("hold", Text, nullable=False),
    Column("record", Integer),
    Column("subject_digest", LargeBinary),  # keyed identifier of a person
    Column("key", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("review", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("released", Text),
    Column("released_by", Text),
    Column("query", Text),  # canonical text of connector/policy/hold_query.py
)

# The records that a hold on a person was placed on: they stay held, whatever their address becomes.
hold_record = Table(
    "hold_record",
    metadata,
    Column("hold", Integer, ForeignKey("hold.id"), primary_key=True),
    Column("record", Integer, primary_key=True),
    Index("hold_record_record", "record"),
)

# One row a shop, written first by whoever places a hold and by whoever seals a batch: they take turns.
turn = Table(
    "turn",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("number", Integer, nullable=False),  # of holds placed and released
)

# Which run of a shop is the newest, and since when. On a server its row is locked by whoever writes.
run_lock = Table(
    "run_lock",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("since", Text, nullable=False),
)

plan = Table(
    "plan",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("code", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("expires", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("scope", Text, nullable=False, default="nightly"),  # nightly, or one request
    CheckConstraint(one_of(PlanState), name="plan_states"),
)

step = Table(
    "step",
    metadata,
    Column("plan", Integer, ForeignKey("plan.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("record", Integer, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("label", Text, nullable=False, default=""),
    Column("wave", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("fields", Integer, nullable=False),
    Column("why", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, default="planned"),
    Column("outcome", Text, nullable=False, default=""),
    Column("done", Integer, nullable=False, default=0),
    Column("by_hand", Integer, nullable=False, default=0),  # as planned
    Column("left", Integer, nullable=False, default=0),  # by hand, as the receipt said
    Column("places", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("token", Text, nullable=False, default=""),
    Column("due", Text),
    Column("read_back", Text, nullable=False, default=""),  # clean, left, unknown
    CheckConstraint(one_of(StepState), name="step_states"),
    Index("step_record", "record"),
)

# What a person must do in the shop: one row for each place of a record, with the number that it keeps.
task = Table(
    "task",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("kind", Text, nullable=False, default=""),  # empty for a place of the whole shop
    Column("remote_id", Text, nullable=False, default=""),  # empty where one act does it for every record
    Column("record", Integer),
    Column("label", Text, nullable=False, default=""),
    Column("place", Text, nullable=False),
    Column("fields", Integer, nullable=False, default=0),  # that call for it; 0: the record whole
    Column("by_hand", Integer, nullable=False, default=0),  # seen to be there by the record's own fields
    Column("asked", Integer, nullable=False, default=0),  # of them, what a request to the service takes
    Column("residue", Boolean, nullable=False, default=False),  # seen to be there by the place itself
    Column("placed", Boolean, nullable=False, default=False),  # which says when it is cleared
    Column("taken", Boolean, nullable=False, default=False),  # and which the service's own erasure takes
    Column("plan", Integer, nullable=False),  # the last that named it
    Column("since", Text, nullable=False, default=""),
    Column("done_by", Text, nullable=False, default=""),
    Column("done_at", Text),
    Column("seen", Text, nullable=False, default=""),  # after it was said to be done: gone, unknown
    Column("again_at", Text),  # found there after all
    UniqueConstraint("shop", "adapter", "kind", "remote_id", "place"),
    UniqueConstraint("shop", "number"),
    Index("task_record", "record"),
)

approval = Table(
    "approval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan", Integer, ForeignKey("plan.id"), nullable=False),
    Column("wave", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("on_behalf", Text, nullable=False, default=""),
    Column("evidence", Text, nullable=False, default=""),
    Column("standing", Boolean, nullable=False, default=False),
    Column("first_run", Boolean, nullable=False, default=False),
    Column("at", Text, nullable=False),
    Column("typed_by", Text, nullable=False, default=""),
    UniqueConstraint("plan", "wave"),
)

# The outbox: this handle, to this recipient. `sealed` is empty once the handle is destroyed.
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("plan", Integer, ForeignKey("plan.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("recipient", Text, nullable=False),  # the processor's name
    Column("act", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("handle_digest", LargeBinary, nullable=False),  # keyed, so that a repeat finds its row
    Column("sealed", LargeBinary),
    Column("fields", Integer, nullable=False),  # what it is told of; 0: the record whole
    Column("concerns", Integer, nullable=False, default=0, server_default="0"),  # what it cares for at all
    Column("planned", Text, nullable=False),
    Column("copy_gone_by", Text),
    Column("state", Text, nullable=False),  # states.DeliveryState
    Column("outcome", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("token", Text, nullable=False, default=""),
    Column("due", Text),
    Column("tries", Integer, nullable=False, default=0),
    Column("not_before", Text),  # the recipient's own Retry-After, or ours after a failure
    Column("seen", Text, nullable=False, default=""),
    Column("closed_by", Text, nullable=False, default=""),
    Column("sent_on", Text),  # the day on which a notice left; it is notified from then on
    Column("sent_how", Text, nullable=False, default="", server_default=""),
    UniqueConstraint("plan", "step", "recipient", "act", "handle", "handle_digest"),
    CheckConstraint(one_of(DeliveryState), name="delivery_states"),
    Index("delivery_state", "shop", "state", "recipient"),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("plan", Integer),
    Column("detail", Text, nullable=False, default="{}"),
    # Its place in the shop's chain, the digest of the one before, its own, and what is said beside.
    Column("seq", Integer, nullable=False, default=0, server_default="0"),
    Column("previous", Text, nullable=False, default="", server_default=""),
    Column("digest", Text, nullable=False, default="", server_default=""),
    Column("beside", Text, nullable=False, default="", server_default=""),
    Index("event_type", "shop", "type"),
    Index("event_place", "shop", "seq", unique=True),
)

# Where each shop's chain of events ends, and what vouches for it; empty without a seal key.
chain = Table(
    "chain",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("mac", Text, nullable=False, default=""),
)

# What came of a plan's steps and deliveries, each row under the seal key, summed: hexadecimal.
receipt_sum = Table(
    "receipt_sum",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("of", Text, primary_key=True),  # step, delivery
    Column("plan", Integer, primary_key=True),
    Column("value", Text, nullable=False),
)

# What a platform told the shop by webhook. `sealed` is empty once it is settled.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("key", Text, nullable=False),  # the sender's id of this message: a repeat finds its row
    Column("topic", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("remote_id", Text, nullable=False, default=""),  # the account of an open request
    Column("state", Text, nullable=False),  # states.MessageState
    Column("outcome", Text, nullable=False, default=""),
    Column("plan", Integer),
    Column("closed", Text),
    Column("closed_by", Text, nullable=False, default=""),
    # The moments of the runs at which the shop's token was refused as that of an uninstalled app.
    Column("refused", Text, nullable=False, default="", server_default=""),
    UniqueConstraint("shop", "adapter", "key"),
    CheckConstraint(one_of(MessageState), name="inbox_states"),
    Index("inbox_state", "shop", "state"),
)

# The shop, or account, that a platform was bound to: its own ids, and orders with the day they were made.
binding = Table(
    "binding",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("adapter", Text, primary_key=True),
    Column("ids", Text, nullable=False),  # JSON, by name
    Column("sample", Text, nullable=False),  # JSON, order id to day
    Column("at", Text, nullable=False),
)

# How many seconds a service's clock was ahead of this machine's when it was last pulled.
service_clock = Table(
    "service_clock",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("adapter", Text, primary_key=True),
    Column("seconds", Integer),  # none where it told no usable time
    Column("at", Text, nullable=False),
)


def _hashes(name: str, day: str) -> Table:
    """Persons as keyed hashes, each with the fingerprint of the key and a day."""
    keys = (Column("shop", Text, primary_key=True), Column("digest", LargeBinary, primary_key=True))
    return Table(name, metadata, *keys, *(Column(one, Text, nullable=False) for one in ("key", day)))


objection = _hashes("objection", "since")  # to marketing, while it stands
erased = _hashes("erased", "at")  # whose last identifying field went by our hand; for a time

# What stood in a record before a plan overwrote it; of `left_out` nothing is kept. Gone once restored.
undo_copy = Table(
    "undo_copy",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("plan", Integer, ForeignKey("plan.id"), nullable=False),
    Column("record", Integer, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("adapter", "kind", "remote_id")),
    *(Column(name, Integer, nullable=False) for name in ("fields", "left_out")),
    Column("until", Text, nullable=False),  # the last day
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("plan", "record"),
    Index("undo_copy_until", "shop", "until"),
)

# A warning of the person behind a record, one row a try; `token` is its message's own id, `on` the day.
warning = Table(
    "warning",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("record", Integer, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("adapter", "kind", "remote_id")),
    Column("code", Text, nullable=False),  # of what: the alert of the rule that asks for it
    Column("state", Text, nullable=False),  # states.WarningState
    Column("on", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("plan", Text, nullable=False),  # the code of the list that the person was shown; empty without
    Column("token", Text, nullable=False),
    CheckConstraint(one_of(WarningState), name="warning_states"),
    Index("warning_record", "record"),
    Index("warning_state", "shop", "state"),
)

# The key of a sealed answer, which lies in a file of its own: with this row the file is unreadable for good.
request_answer = Table(
    "request_answer",
    metadata,
    Column("id", Integer, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("shop", "request", "scope", "file", "at")),
    Column("until", Text, nullable=False),  # the last day
    Column("sealed", LargeBinary),
    UniqueConstraint("shop", "request", "scope"),
    Index("request_answer_until", "shop", "until"),
)

# A letter to somebody who made a request, and whether it left; its words lie in its file alone.
request_letter = Table(
    "request_letter",
    metadata,
    Column("id", Integer, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("shop", "request", "letter", "file")),
    Column("state", Text, nullable=False),  # states.LetterState
    *(Column(name, Text, nullable=False) for name in ("on", "person", "how", "token")),
    UniqueConstraint("shop", "request", "letter"),
    CheckConstraint(one_of(LetterState), name="request_letter_states"),
    Index("request_letter_state", "shop", "state"),
)

# What monitors are told by webhook: written before it is sent. Counts and codes, nothing of a person.
post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("shop", "hook", "key", "type", "body", "at")),
    Column("seq", Integer, nullable=False),  # of the event that it tells of; 0 where it is none
    Column("state", Text, nullable=False),  # states.PostState
    Column("tries", Integer, nullable=False, default=0),
    Column("not_before", Text, nullable=False),
    Column("answer", Text, nullable=False, default=""),  # the last: a status, or the kind of failure
    UniqueConstraint("shop", "hook", "key"),
    CheckConstraint(one_of(PostState), name="post_states"),
    Index("post_state", "shop", "state"),
)

# What a person has asked for, GDPR 12-22. `sealed` is who asked: destroyed 12 months after the answer.
request = Table(
    "request",
    metadata,
    Column("id", Integer, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("shop", "code", "kind", "state", "channel")),
    *(Column(name, Text, nullable=False) for name in ("received", "due", "limit")),
    Column("promised", Text),  # the day of the shop's own promise
    Column("extended", Text),  # the day on which the person was told so
    *(Column(name, Text, nullable=False, default="") for name in ("extended_why", "opened_by")),
    Column("message", Integer),  # of the inbox, that it came in by
    Column("level", Integer),  # request.Level; NULL until it is known who asks
    *(Column(name, Text, nullable=False, default="") for name in ("proven_how", "proven_by")),
    Column("proven_at", Text),
    Column("scope", Text, nullable=False, default=""),  # of the plan that is its own
    *(Column(name, Text, nullable=False, default="") for name in ("answer", "ground", "kept_until")),
    Column("answered", Text),  # the day
    *(Column(name, Text, nullable=False, default="") for name in ("answer_channel", "answered_by")),
    Column("at", Text, nullable=False),  # when it came to stand where it stands
    # The code that was sent: its keyed hash, until when it holds, and how often another was given.
    Column("code_digest", LargeBinary),
    Column("code_until", Text),
    Column("code_tries", Integer, nullable=False, default=0),
    Column("sealed", LargeBinary),
    UniqueConstraint("shop", "code"),
    CheckConstraint(one_of(RequestState), name="request_states"),
    Index("request_state", "shop", "state"),
)

# By what the person is found: keyed, and whether it is proven to be theirs.
request_identifier = Table(
    "request_identifier",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("request", Integer, ForeignKey("request.id"), nullable=False),
    Column("type", Text, nullable=False),  # request.IdentifierType
    Column("digest", LargeBinary, nullable=False),
    Column("key", Text, nullable=False),
    Column("record", Integer),  # that a number names
    Column("proven", Boolean, nullable=False, default=False),
    UniqueConstraint("request", "type", "digest"),
)

# The holds that a request has placed: they go with it, by no other hand.
request_hold = Table(
    "request_hold",
    metadata,
    Column("hold", Integer, ForeignKey("hold.id"), primary_key=True),
    Column("shop", Text, nullable=False),
    Column("request", Integer, ForeignKey("request.id"), nullable=False),
    Index("request_hold_request", "request"),
)
