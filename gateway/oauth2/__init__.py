"""The authorization server's public face: discovery, the pages that people see, and what clients ask for."""

from gateway.oauth2.routes import oauth2 as oauth2
