"""Accounts as protos."""

from orrery.auth.v1 import accounts_pb2 as pb

from services.auth.accounts.holder import Holder, Me
from services.auth.accounts.repository import TenantUser


def account(one: Me) -> pb.Account:
    return pb.Account(
        user_id=one.user_id,
        id=str(one.id),
        username=one.username,
        email=one.email,
        display_name=one.shown_name,
        is_admin=one.is_admin,
    )


def tenant_user(one: TenantUser) -> pb.TenantUser:
    return pb.TenantUser(
        id=str(one.id),
        email=one.email,
        username=one.username,
        role=one.role,
        tenant_id=str(one.organization_id),
        is_active=one.is_active,
        is_verified=one.is_verified,
    )


def new_tenant_user(holder: Holder) -> pb.TenantUser:
    """Of an account that was just made."""
    one = holder.account
    return pb.TenantUser(
        id=str(one.id),
        email=one.email,
        username=one.username,
        role=holder.role,
        tenant_id=holder.organization_id,
        is_active=True,
    )
