"""Grafana's dashboards of the fleet, made from a few lines each. `make dashboards` writes them."""
