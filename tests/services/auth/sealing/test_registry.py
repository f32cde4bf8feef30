"""Every sealed column is known to the commands."""

import importlib
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, Table

from libs.database import Model
from services.auth.sealing.registry import COLUMNS, Encoding, SealedColumn


def tables() -> dict[str, Table]:
    """Every table of auth."""
    for path in Path("services/auth").rglob("models.py"):
        importlib.import_module(".".join(path.with_suffix("").parts))
    mapped = [mapper.local_table for mapper in Model.registry.mappers if is_ours(mapper.class_)]
    return {one.name: one for one in mapped if isinstance(one, Table)}


def is_ours(model: type) -> bool:
    return model.__module__.startswith("services.auth.")


def test_the_columns_that_models_call_sealed_are_the_ones_that_are_registered() -> None:
    columns = [column for table in tables().values() for column in table.columns]
    sealed = {(column.table.name, column.name) for column in columns if column.info.get("sealed")}

    assert sealed == {(one.table, one.column) for one in COLUMNS}


@pytest.mark.parametrize("one", COLUMNS, ids=lambda one: f"{one.table}.{one.column}")
def test_a_registered_column_is_what_the_registry_says(one: SealedColumn) -> None:
    table = tables()[one.table]

    assert [column.name for column in table.primary_key] == [one.key]
    assert isinstance(table.c[one.column].type, LargeBinary) == (one.encoding is Encoding.BYTES)


def test_a_purpose_is_the_columns_and_the_rows_own() -> None:
    assert SealedColumn("user_2fa", "totp_secret", "user_id").purpose(7) == "user_2fa.totp_secret:7"
    assert SealedColumn("signing_key", "private_key", "kid", purposes="signing key {}").purpose("k") == "signing key k"
