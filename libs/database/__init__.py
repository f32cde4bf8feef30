"""PostgreSQL: one schema and one login a service, one transaction a call, the tenant set inside it.

`commit` stands here and nowhere else. Row-level security does the rest: without a tenant a table shows no rows.
"""

from sqlalchemy.ext.asyncio import AsyncSession as Session

from libs.database.engine import Database as Database
from libs.database.engine import DatabaseAway as DatabaseAway
from libs.database.engine import DatabaseBusy as DatabaseBusy
from libs.database.hot import HotQuery as HotQuery
from libs.database.listing import Listing as Listing
from libs.database.model import Model as Model
from libs.database.model import Stamped as Stamped
from libs.database.tenant import SYSTEM as SYSTEM
from libs.database.tenant import Tenant as Tenant

__all__ = [
    "SYSTEM",
    "Database",
    "DatabaseAway",
    "DatabaseBusy",
    "HotQuery",
    "Listing",
    "Model",
    "Session",
    "Stamped",
    "Tenant",
]
