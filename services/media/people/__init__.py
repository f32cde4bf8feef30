"""What media holds of people as a whole: it is forgotten when they are, and given to them when they ask."""
