"""The pages that links in mails lead to."""

from gateway.account.pages import account as account
