"""Mail: what a workspace is told, to its owners, and what the administrators are told, to them."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.alerts import payment_mail
from billing.alerts.administrator import KINDS
from billing.invoices.money import written
from layers import jsontext
from layers.clock import Clock
from layers.database import Database
from layers.log import logger
from layers.settings import MailSettings, Settings

ATTEMPTS = 8
WITHIN_S = 20.0
DUE = (
    "SELECT b.*, w.name AS workspace_name FROM billing_alerts b"
    " JOIN workspaces w ON w.id = b.workspace_id"
    " WHERE b.mail_state = 'pending' AND b.mail_due_at <= :now ORDER BY b.mail_due_at LIMIT 20"
)
INSTANCE_DUE = (
    "SELECT * FROM instance_alerts"
    " WHERE mail_state = 'pending' AND mail_due_at <= :now ORDER BY mail_due_at LIMIT 20"
)
ANY_MAIL = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} WHERE mail_state = 'pending' AND mail_due_at <= :now)"  # noqa: S608 - tables of ours
    for table in ("billing_alerts", "instance_alerts")
)
"""SQL: whether an alert is to be sent."""
OWNERS = text(
    "SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id"
    " WHERE m.workspace_id = :workspace_id AND m.role = 'owner' AND m.suspended_at IS NULL"
    " ORDER BY u.email"
)
ADMINISTRATORS = text("SELECT email FROM users WHERE is_administrator = :yes ORDER BY email")


class MailQueue:
    """Alerts that wait for the post: in which table, who gets them, and what their mail says."""

    def __init__(
        self,
        table: str,
        due: str,
        receivers: Callable[[Connection, Row[Any]], list[str]],
        composed: Callable[[Row[Any], str], tuple[str, str]],
    ) -> None:
        self.due = text(due)
        self.claim = text(
            f"UPDATE {table} SET mail_attempts = mail_attempts + 1, mail_due_at = :again"  # noqa: S608
            " WHERE id = :id AND mail_state = 'pending' AND mail_attempts = :attempts"
        )
        self.done = text(f"UPDATE {table} SET mail_state = :state WHERE id = :id")  # noqa: S608
        self.receivers = receivers
        self.composed = composed


class AlertMailer:
    """Sends alerts that wait for it; what fails is tried again for about a day."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._mail = settings.mail
        self._url = settings.server.public_url
        self._log = logger("mail")

    def send_due(self) -> int:
        """Send what is due; returns how many went out."""
        if not self._mail.host:
            return 0
        return sum(self._send_queue(queue) for queue in BOXES)

    def _send_queue(self, queue: MailQueue) -> int:
        now = self._clock.now()
        with self._database.reading() as connection:
            due = connection.execute(queue.due, {"now": now}).all()
        return sum(self._send(queue, row, now) for row in due)

    def _send(self, queue: MailQueue, row: Row[Any], now: float) -> bool:
        again = now + 60.0 * 2**row.mail_attempts
        with self._database.writing() as connection:
            claim = {"id": row.id, "attempts": row.mail_attempts, "again": again}
            if not connection.execute(queue.claim, claim).rowcount:
                return False
            receivers = queue.receivers(connection, row)
        try:
            if receivers:
                send(self._mail, receivers, *queue.composed(row, self._url))
            state = "sent" if receivers else "off"
        except (OSError, smtplib.SMTPException) as error:
            self._log.warning("mail about %s was not sent: %s", row.kind, error)
            if row.mail_attempts + 1 < ATTEMPTS:
                return False
            state = "failed"
        with self._database.writing() as connection:
            connection.execute(queue.done, {"id": row.id, "state": state})
        return state == "sent"


def send(settings: MailSettings, to: list[str], subject: str, body: str) -> None:
    """Hand a mail to the server; raises OSError or SMTPException."""
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message.set_content(body)
    secure = ssl.create_default_context()
    server: smtplib.SMTP
    if settings.tls:
        server = smtplib.SMTP_SSL(settings.host, settings.port, timeout=WITHIN_S, context=secure)
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=WITHIN_S)
    with server:
        server.ehlo()
        if not settings.tls and server.has_extn("starttls"):
            server.starttls(context=secure)
            server.ehlo()
        if settings.user:
            server.login(settings.user, settings.password)
        server.send_message(message)


def composed(row: Row[Any], url: str) -> tuple[str, str]:
    """The subject and the text of the mail about an alert."""
    detail = jsontext.loads(row.detail)
    subject, text_of = _TEXTS[row.kind](detail)
    body = (
        f"{text_of}\n\nWorkspace: {row.workspace_name}\n{url}/settings/billing\n\n"
        f"Which of these mails you get is set there, too.\n"
    )
    return f"[Treadle] {subject}", body


def composed_for_administrator(row: Row[Any], url: str) -> tuple[str, str]:
    """The subject and the text of the mail about an alert of the instance."""
    words = KINDS[row.kind]
    facts = "\n".join(f"{name}: {value}" for name, value in jsontext.loads(row.detail).items())
    body = f"{words.title}.\n{words.remedy}\n\n{facts}\n\n{url}/settings/revenue\n"
    return f"[Treadle] {words.title}", body


def _owners(connection: Connection, row: Row[Any]) -> list[str]:
    found = connection.execute(OWNERS, {"workspace_id": row.workspace_id})
    return list(found.scalars())


def _administrators(connection: Connection, _row: Row[Any]) -> list[str]:
    return list(connection.execute(ADMINISTRATORS, {"yes": True}).scalars())


def _usage(detail: dict[str, Any]) -> tuple[str, str]:
    words = detail["limit"].replace("_", " ")
    if detail["share"] == 100:
        subject = f"All {words} of this month are used"
    else:
        subject = f"{detail['share']} % of this month's {words} are used"
    return subject, f"{detail['used']:,} of {detail['of']:,} {words} are used."


def _payment_failed(detail: dict[str, Any]) -> tuple[str, str]:
    amount = written(detail["amount"], detail["currency"])
    text_of = (
        f"The payment of {amount} for invoice {detail['number']} failed (attempt"
        f" {detail['attempt']}). Please check the card: your plan goes on for two weeks meanwhile."
    )
    return f"Payment of {amount} failed", text_of


def _card(detail: dict[str, Any]) -> tuple[str, str]:
    card = f"{str(detail['brand']).capitalize()} ending in {detail['last4']}"
    month = f"{detail['exp_month']:02}/{detail['exp_year']}"
    return "Your card expires soon", f"The card {card} is good until {month}. Please add another."


def _trial(detail: dict[str, Any]) -> tuple[str, str]:
    day = datetime.fromtimestamp(detail["trial_end"], UTC).strftime("%d %B %Y")
    return "Your trial ends soon", f"The trial of the plan {detail['plan']} ends on {day}."


def _unusual(detail: dict[str, Any]) -> tuple[str, str]:
    text_of = f"{detail['today']:,} executions within a day; usually it is {detail['usual']:,}."
    return "Much more is used than usual", text_of


def _credits(detail: dict[str, Any]) -> tuple[str, str]:
    amount = written(detail["amount"], detail["currency"])
    if "expires_at" not in detail:
        return "Your credits are nearly used up", f"Prepaid credits of {amount} are left."
    day = datetime.fromtimestamp(detail["expires_at"], UTC).strftime("%d %B %Y")
    return "Some of your credits expire soon", f"Prepaid credits of {amount} expire on {day}."


def _subscription(detail: dict[str, Any]) -> tuple[str, str]:
    plan = str(detail["plan"]).capitalize()
    texts = {
        "holds": (f"You are on the plan {plan}", f"The plan {plan} holds from now on."),
        "ends": (
            f"The plan {plan} ends with its period",
            f"The plan {plan} ends with its period. Until then nothing changes, and you can"
            " resume it; afterwards the plan Free holds. Nothing is deleted by that.",
        ),
        "scheduled": (
            f"The plan changes to {plan} when its period ends",
            f"From {_day_of(detail)} on the plan {plan} holds. Until then nothing changes, and you"
            " can take it back.",
        ),
        "goes_on": (f"The plan {plan} goes on", f"It was to end; the plan {plan} goes on now."),
        "canceled": (f"The plan {plan} has ended", "The plan Free holds from now on."),
        "unpaid": (f"The plan {plan} is not paid", "Until it is, the plan Free holds."),
        "second": (
            f"A second subscription to {plan} was ended",
            f"A second subscription to {plan} was begun beside the one that you have. It was ended"
            " at once, and what was paid for it is paid back to the card within some days.",
        ),
        "paused": (f"The trial of {plan} has ended", "Add a card to go on with the plan."),
    }
    return texts[detail["change"]]


def _day_of(detail: dict[str, Any]) -> str:
    moment = detail.get("at")
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%d %B %Y")


def _above(detail: dict[str, Any]) -> tuple[str, str]:
    day = _day_of(detail)
    plan, number = str(detail["plan"]).capitalize(), detail["number"]
    workflows = "1 workflow" if number == 1 else f"{number} workflows"
    if detail["change"] == "deactivated":
        return (
            f"{workflows} deactivated: the plan {plan} includes {detail['limit']}",
            f"The plan {plan} includes {detail['limit']} active workflows. {workflows} beyond it"
            " did not run as recently as the others and are not active any more. Nothing is"
            " deleted.",
        )
    return (
        f"{workflows} will be deactivated on {day}",
        f"The plan {plan} includes {detail['limit']} active workflows, and more are active."
        f" Deactivate {workflows} that you need least, or choose a larger plan, before {day}: after"
        " that those that ran last stay active, and the others are deactivated. Nothing is"
        " deleted.",
    )


_TEXTS = {
    "above_limits": _above,
    "usage": _usage,
    "payment_failed": _payment_failed,
    "payment_action_required": payment_mail.consent_needed,
    "invoice_due": payment_mail.invoice_due,
    "change_dropped": payment_mail.change_dropped,
    "refund": payment_mail.paid_back,
    "card_expiring": _card,
    "trial_ending": _trial,
    "unusual_spend": _unusual,
    "credits": _credits,
    "subscription": _subscription,
}

BOXES = (
    MailQueue("billing_alerts", DUE, _owners, composed),
    MailQueue("instance_alerts", INSTANCE_DUE, _administrators, composed_for_administrator),
)
