"""Mails to people: posted in the transaction that has something to say, sent by auth-worker.

`await post(session, Letter("ada@example.com", "verify_email", "ja", {"username": "ada", "link": "/verify?token=…"}))`
"""

from services.auth.mails.letters import Letter as Letter
from services.auth.mails.operations import post as post
