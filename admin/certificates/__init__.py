"""The fleet's own certificate authority and the certificates that it issues, renewed without a lost call.

A certificate is renewed when less than a third of its life is left. The authority's own rotation takes three steps,
days apart, so that no process ever meets a certificate that it does not trust yet: its successor is made and trusted by
all; later it signs; and the old one is forgotten when nothing that it signed lives.
"""
