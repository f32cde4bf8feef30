"""A token bucket in memory: the mirror of one in Redis, and the bucket itself while Redis is away."""

from gateway.limits.rates import Rate


class Bucket:
    """Tokens at a time (monotonic seconds), less what was spent here and Redis has not been told of yet."""

    __slots__ = ("at", "estranged", "key", "owed", "rate", "sent", "tokens")

    def __init__(self, key: str, rate: Rate, now: float) -> None:
        self.key, self.rate = key, rate
        self.tokens, self.at = float(rate.limit), now
        self.owed = 0  # spent and not sent
        self.sent = 0  # sent and not answered
        self.estranged = False  # spent from while Redis was away: it must learn how little is left

    def gross(self, now: float) -> float:
        """Tokens that Redis holds as far as is known here."""
        rate = self.rate
        refilled = self.tokens + (now - self.at) * rate.per_second
        return min(rate.limit, refilled)

    def level(self, now: float) -> float:
        """Tokens to be had; below zero where other gateways spent them first."""
        return self.gross(now) - self.owed - self.sent

    def wait(self, now: float) -> float:
        """Seconds until one token is there."""
        return max(0.0, (1 - self.level(now)) / self.rate.per_second)

    def send(self) -> int:
        """What Redis is to be told of now."""
        self.sent, self.owed = self.owed, 0
        return self.sent

    def learn(self, tokens: float, now: float) -> None:
        """Take over what Redis holds."""
        self.tokens, self.at, self.estranged = tokens, now, False

    def settled(self, tokens: float, now: float) -> None:
        """Redis was told of all that was sent, and holds this."""
        self.sent = 0
        self.learn(tokens, now)

    def part(self, now: float) -> None:
        """Redis is away: count here alone."""
        self.tokens, self.at = self.level(now), now
        self.owed = self.sent = 0
        self.estranged = True

    def is_idle(self, now: float) -> bool:
        """Whether forgetting it changes nothing."""
        return not self.owed and not self.sent and self.level(now) >= self.rate.limit
