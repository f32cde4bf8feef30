"""Organizations (tenants) and who belongs to them."""
