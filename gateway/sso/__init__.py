"""Browsers on their way to another issuer and back: redirects, which no route table has."""

from gateway.sso.pages import sso as sso
