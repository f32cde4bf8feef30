"""What was done and what was asked for: the audit log and the access log, for their organization to read.

Owns schema `history` (audit_log, access_log, by month) and the RPCs of orrery.audit.v1. Consumes every service's
events and the gateway's requests. Publishes nothing, calls nobody, and changes or deletes no row that it has written.
"""
