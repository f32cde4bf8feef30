"""Who calls: from a request's headers to an identity that the fleet's services believe."""

from gateway.identity.address import Proxies as Proxies
from gateway.identity.authenticator import Admission as Admission
from gateway.identity.authenticator import Authenticator as Authenticator
from gateway.identity.credentials import AskedCredentials as AskedCredentials
from gateway.identity.credentials import Credentials as Credentials
from gateway.identity.credentials import NoCredentials as NoCredentials
from gateway.identity.issuers import Issuers as Issuers
from gateway.identity.keys import Keys as Keys
from gateway.identity.keys import keys_of as keys_of
from gateway.identity.revocations import Revocations as Revocations
from gateway.identity.seen import Seen as Seen
from gateway.identity.signatures import Signatures as Signatures
from gateway.identity.tokens import Tokens as Tokens
