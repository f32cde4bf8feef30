"""Users: people as their organization and they themselves see them."""
