"""What the logs hold of people as a whole: they forget who it was, and give people what stands there of them."""
