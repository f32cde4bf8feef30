"""Whether the master key opens what auth has stored."""

from admin.doctor.finding import Finding, fail, ok
from admin.errors import Failed
from admin.keys.opened import opened
from admin.settings import AdminSettings
from libs.database import SYSTEM
from services.auth.sealing import MasterKeyUnusable
from services.auth.sealing.cipher import SealBroken
from services.auth.sealing.masters import MasterAway
from services.auth.sealing.remaster import unwrapped
from services.auth.sealing.repository import DataKeys

ADVICE = "give auth and this command the master key of the backup that fits; without it the secrets are lost"


async def examine(settings: AdminSettings) -> Finding:
    """Every data key is opened, and thrown away."""
    try:
        async with opened(settings) as keys:
            async with keys.database.transaction(SYSTEM) as session:
                rows = await DataKeys(session).all()
            for row in rows:
                await unwrapped(keys.masters, row)
    except (Failed, MasterKeyUnusable, MasterAway) as unusable:
        return fail("master key", str(unusable).rstrip("."), "compare ORRERY_KEYS__MASTER with what auth is given")
    except SealBroken as broken:
        return fail("master key", str(broken), ADVICE)
    except (ConnectionError, TimeoutError) as away:
        return fail("master key", f"auth's database does not answer: {away}", "see the findings about postgres")
    return ok("master key", f"opens every data key ({len(rows)})" if rows else "nothing is sealed yet")
