"""Secrets at rest: values are sealed by data keys, data keys by a master key, which lies in no database.

`Ring` is this process's set of data keys. A sealed value begins with a version byte and the id of its data key, so that
keys can be exchanged while every older value stays readable.
"""

from services.auth.sealing.cipher import SealBroken as SealBroken
from services.auth.sealing.cipher import derived as derived
from services.auth.sealing.cipher import seal as seal
from services.auth.sealing.cipher import unseal as unseal
from services.auth.sealing.master import MasterKey as MasterKey
from services.auth.sealing.master import MasterKeyUnusable as MasterKeyUnusable
from services.auth.sealing.masters import LocalMaster as LocalMaster
from services.auth.sealing.ring import Ring as Ring
from services.auth.sealing.sealer import Sealer as Sealer
