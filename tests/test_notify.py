"""A finding reaches a webhook and a mailbox; a server that is gone costs nothing."""

from __future__ import annotations

import json
import smtplib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from automl import notify
from automl.types import Finding, Severity

FOUND = Finding("overfit", Severity.WARNING, "By heart", "XGBoost: 10% is left.", candidate="XGBoost")
SETTINGS = ("FORETABLE_WEBHOOK_URL", "FORETABLE_SMTP_URL", "FORETABLE_MAIL_TO", "FORETABLE_MAIL_FROM")


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch):
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def test_a_webhook_gets_the_finding(monkeypatch):
    got = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.handle_request, daemon=True).start()
    monkeypatch.setenv("FORETABLE_WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}/hook")
    assert notify.ways() == ("webhook",)
    notify.notify("Leaving", FOUND).join(10)
    server.server_close()
    assert got == [
        {
            "model": "Leaving", "code": "overfit", "severity": "warning", "title": "By heart",
            "message": "XGBoost: 10% is left.", "candidate": "XGBoost",
        }
    ]  # fmt: skip


def test_a_mail_is_sent_and_its_subject_is_one_line(monkeypatch):
    sent = []

    class Server:
        def __init__(self, host, port, timeout):
            self.at = (host, port)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

        def starttls(self):
            sent.append("tls")

        def login(self, user, password):
            sent.append((user, password))

        def send_message(self, message):
            sent.append(message)

    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setenv("FORETABLE_SMTP_URL", "smtp://me:se%40cret@mail.example:587")
    monkeypatch.setenv("FORETABLE_MAIL_TO", "you@example.com")
    notify.notify("Leaving\nBcc: all@example.com", FOUND).join(10)
    assert sent[:2] == ["tls", ("me", "se@cret")]
    assert sent[2]["Subject"] == "Leaving Bcc: all@example.com: By heart" and sent[2]["To"] == "you@example.com"
    assert sent[2]["Bcc"] is None and "10% is left" in sent[2].get_content()


def test_a_server_that_is_gone_is_logged_without_its_address(monkeypatch, caplog):
    monkeypatch.setenv("FORETABLE_WEBHOOK_URL", "http://user:secret@127.0.0.1:9/hook")
    notify.notify("Leaving", FOUND).join(10)
    assert "could not be sent" in caplog.text and "secret" not in caplog.text


def test_only_the_web_is_called(monkeypatch, caplog):
    monkeypatch.setenv("FORETABLE_WEBHOOK_URL", "file:///etc/hostname")
    notify.notify("Leaving", FOUND).join(10)
    assert "could not be sent: ValueError" in caplog.text
