"""The ledger's tables. The schema is the state machine: what cannot be must not be storable."""

import sqlalchemy as sa

from importer.ledger.entries import OUTCOMES, SENDING
from importer.rows import Status

VERSION = 3
"""Of the schema. A ledger of a later version is not touched."""

schema = sa.MetaData()

account_table = sa.Table(
    "account",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="provider/environment/label[@address]"),
    sa.Column("next_turn", sa.Double, nullable=False, default=0.0, comment="Unix time of the next free turn"),
    sa.Column("held_until", sa.Double, nullable=False, default=0.0, comment="Unix time; no turn before"),
    comment="One set of credentials; its requests share one limit.",
)

run_table = sa.Table(
    "run",
    schema,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("source", sa.Text, nullable=False, comment="path of the sheet"),
    sa.Column("output", sa.Text, nullable=False, comment="path of the results file"),
    sa.Column("again", sa.Text, nullable=False, default="", comment="what sets a deliberate repeat apart"),
    sa.Column("started_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double, comment="NULL: it runs, or its process is gone"),
    sa.Column("exit_code", sa.Integer),
    sa.Column("counts", sa.Text, comment="JSON: status to number of rows"),
    sa.Column("job", sa.Text, nullable=False, server_default="", comment="name of its job file; '' for none"),
    sa.Column("settings", sa.Text, comment="JSON: what writing its results again needs"),
    sa.Column("ending", sa.Text, comment="JSON: why it stopped, and what became of rows not sent"),
    comment="One execution over one source.",
)

customer_table = sa.Table(
    "customer",
    schema,
    sa.Column("account_id", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("identity", sa.Text, primary_key=True, comment="hash of the fields that name the customer"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, comment="idempotency key: hash of identity and body"),
    sa.Column("run", sa.ForeignKey("run.id"), nullable=False, comment="whose claim or outcome this is"),
    sa.Column("row", sa.Integer, nullable=False, comment="row in that run's source"),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("first_sent_at", sa.Double, nullable=False, comment="Unix time of the claim under this key"),
    sa.Column("sent_at", sa.Double, nullable=False, comment="Unix time of the last attempt"),
    sa.Column("customer_id", sa.Text, nullable=False, default=""),
    sa.Column("code", sa.Text, nullable=False, default=""),
    sa.Column("message", sa.Text, nullable=False, default="", comment="the provider's words"),
    sa.Column("http_status", sa.Integer),
    sa.Column("extra", sa.Text, nullable=False, default="{}", comment="JSON: what else was returned"),
    sa.Column(
        "exclusive",
        sa.Text,
        nullable=False,
        server_default="",
        comment="hash of the value of which the provider keeps one; '' for none",
    ),
    sa.CheckConstraint(
        sa.column("state").in_([SENDING, *(str(state) for state in OUTCOMES)]), name="known_state"
    ),
    sa.CheckConstraint("state <> 'created' OR customer_id <> ''", name="created_has_an_id"),
    comment="Where each customer stands.",
)
_under_way = sa.text(f"exclusive <> '' AND state IN ('{SENDING}', '{Status.UNKNOWN}')")
one_under_way = sa.Index(
    "one_under_way",
    customer_table.c.account_id,
    customer_table.c.exclusive,
    unique=True,
    sqlite_where=_under_way,
    postgresql_where=_under_way,
)
sa.Index("customer_by_run", customer_table.c.run, customer_table.c.state)

history_table = sa.Table(
    "history",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
    *(
        sa.Column(column.name, column.type, nullable=column.nullable)
        for column in customer_table.c
        if column.name not in ("extra", "exclusive")
    ),
    sa.Column("extra", sa.Text, nullable=False, server_default="{}"),
    comment="What a customer's line said before it was claimed again or settled.",
)
history_by_customer = sa.Index("history_by_customer", history_table.c.account_id, history_table.c.identity)

night_table = sa.Table(
    "night",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job", sa.Text, nullable=False, comment="name of the job"),
    sa.Column("started_at", sa.Double, nullable=False, comment="Unix time; one for all files of a night"),
    sa.Column("source", sa.Text, nullable=False, comment="file or URL; '' for a night without one"),
    sa.Column("content", sa.Text, nullable=False, server_default="", comment="hash of the file's bytes"),
    sa.Column("rows", sa.Integer, comment="customers in it; NULL: not read so far"),
    sa.Column("headings", sa.Text, comment="JSON: those of its columns; NULL: not read so far"),
    sa.Column("ended_at", sa.Double, comment="NULL: under way, or its process is gone"),
    sa.Column("exit_code", sa.Integer),
    sa.Column("state", sa.Text, comment="ok, degraded or failed"),
    sa.Column("run", sa.Text, nullable=False, server_default="", comment="id of the run that sent it"),
    sa.Column("unfinished", sa.Integer, nullable=False, server_default="0", comment="rows left to be done"),
    comment="What a nightly job found and did, a line for each file.",
)
sa.Index("night_by_job", night_table.c.job, night_table.c.content)

mark_table = sa.Table(
    "ledger_mark",
    schema,
    sa.Column("mark", sa.Text, primary_key=True, comment="chance, which tells it from any other ledger"),
    comment="One line: what results files know their ledger by.",
)

version_table = sa.Table(
    "ledger_version",
    schema,
    sa.Column("version", sa.Integer, primary_key=True),
    comment="One line: the version of this schema.",
)
