"""Procrastinate's tables for a service's first migration."""

from pathlib import Path

# Needs no rights beyond CREATE on the schema; the app role gets its rights on tables and sequences by default
# privileges, and on functions and types because PUBLIC has them.
DDL = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
