"""What a secret lacks; no store, no clock: the same in a cluster and in a folder."""

from collections.abc import Mapping

from admin.errors import Failed
from admin.secrets import kinds

Data = Mapping[str, bytes]


def missing(name: str, wanted: Mapping[str, str], held: Data, others: Mapping[str, Data]) -> dict[str, bytes]:
    """Values for the keys that `held` lacks; nothing else is ever changed.

    Public keys are taken from the private ones in this secret or in `others`, which must be settled before. Raises
    Failed where there is no such private key, or where a public key that exists belongs to another one: the fleet's
    processes would refuse each other's calls.
    """
    made = {key: kinds.make(kind) for key, kind in wanted.items() if key not in held and kinds.source(kind) is None}
    known = {**others, name: {**held, **made}}
    for key, kind in wanted.items():
        if origin := kinds.source(kind):
            public = derived(name, key, origin, known)
            if key not in held:
                made[key] = public
            elif public.strip() not in held[key]:
                raise Failed(
                    f"{key} in secret {name} is not the public key of {origin[1]} in {origin[0]}; "
                    f"delete secret {name} to have it made again."
                )
    return made


def derived(name: str, key: str, origin: tuple[str, str], known: Mapping[str, Data]) -> bytes:
    """The public key; raises Failed."""
    secret, private = origin
    value = known.get(secret, {}).get(private)
    if value is None:
        raise Failed(f"{key} in secret {name} is made from {private} in {secret}, which the specification lacks.")
    try:
        return kinds.public_of(value)
    except ValueError as unusable:
        raise Failed(f"{private} in secret {secret} is no private key to make {key} from: {unusable}.") from None


def in_order(secrets: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The names of the secrets, those that stand on others last."""
    return sorted(secrets, key=lambda name: any(kinds.source(kind) for kind in secrets[name].values()))
