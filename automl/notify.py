"""Tells somebody of a finding: a webhook, an e-mail, whichever is configured. Never in the way of a build.

FORETABLE_WEBHOOK_URL   gets a JSON object by POST: model, code, severity, title, message, candidate
FORETABLE_SMTP_URL      smtp://user:password@host:port, or smtps://…
FORETABLE_MAIL_TO       addresses, separated by commas
FORETABLE_MAIL_FROM     foretable@localhost by default
"""

from __future__ import annotations

import json
import logging
import os
import threading
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from automl.types import Finding

SECONDS = 10.0  # to wait for an answer

log = logging.getLogger(__name__)


def ways() -> tuple[str, ...]:
    """What is configured: "webhook", "e-mail"."""
    found = ["webhook"] if os.environ.get("FORETABLE_WEBHOOK_URL") else []
    if os.environ.get("FORETABLE_SMTP_URL") and os.environ.get("FORETABLE_MAIL_TO"):
        found.append("e-mail")
    return tuple(found)


def notify(model: str, finding: Finding) -> threading.Thread:
    """Tell of a finding in the background; what goes wrong is logged, without addresses or passwords.

    Parameters
    ----------
    model : str
        The model's name, for whoever reads it.
    finding : Finding

    Returns
    -------
    Thread
        That sends it; it can be joined by whoever must be sure.
    """
    thread = threading.Thread(target=_send, args=(model, finding), daemon=True, name="notify")
    thread.start()
    return thread


def _send(model: str, finding: Finding) -> None:
    for way, send in (("webhook", _webhook), ("e-mail", _mail)):
        if way in ways():
            try:
                send(model, finding)
            except Exception as e:  # noqa: BLE001 - the boundary: a mail server must not cost a build
                log.warning("the %s could not be sent: %s", way, type(e).__name__)


def _webhook(model: str, finding: Finding) -> None:
    from urllib.request import Request, urlopen

    content = {
        "model": model, "code": finding.code, "severity": finding.severity.value, "title": finding.title,
        "message": finding.message, "candidate": finding.candidate,
    }  # fmt: skip
    url = os.environ["FORETABLE_WEBHOOK_URL"]
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("the address of the webhook has to begin with http:// or https://")
    request = Request(
        url, json.dumps(content).encode(), {"Content-Type": "application/json", "User-Agent": "Foretable"}
    )
    with urlopen(request, timeout=SECONDS):
        pass


def _mail(model: str, finding: Finding) -> None:
    import smtplib

    at = urlsplit(os.environ["FORETABLE_SMTP_URL"])
    message = EmailMessage()
    message["Subject"] = " ".join(f"{model}: {finding.title}".split())
    message["From"] = os.environ.get("FORETABLE_MAIL_FROM") or "foretable@localhost"
    message["To"] = os.environ["FORETABLE_MAIL_TO"]
    message.set_content(f"{finding.message}\n\n{finding.code}, {finding.severity.value}")
    kind = smtplib.SMTP_SSL if at.scheme == "smtps" else smtplib.SMTP
    with kind(at.hostname or "localhost", at.port or 0, timeout=SECONDS) as server:
        if at.username:
            if at.scheme != "smtps":
                server.starttls()
            server.login(unquote(at.username), unquote(at.password or ""))
        server.send_message(message)
