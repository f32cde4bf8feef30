"""Ports, folders and choices: one file, shifted by the environment."""

import pytest

from tools.stack.errors import StackError
from tools.stack.layout import ROOT, load


def test_no_two_names_share_a_port() -> None:
    ports = load({}).ports

    assert len(set(ports.values())) == len(ports)


def test_an_offset_shifts_every_port_of_a_second_checkout() -> None:
    first, second = load({}).ports, load({"STACK_OFFSET": "500"}).ports

    assert {name: port + 500 for name, port in first.items()} == second


def test_one_port_can_be_chosen_and_wins_over_the_offset() -> None:
    layout = load({"STACK_OFFSET": "500", "STACK_MEDIA_OPERATIONS_PORT": "9999"})

    media = next(one for one in layout.deployables if one.name == "media")
    assert media.operations == 9999
    assert media.port == load({}).ports["media"] + 500


def test_the_data_folder_can_be_moved() -> None:
    assert load({}).folder == ROOT / ".stack"
    assert str(load({"STACK_FOLDER": "/elsewhere"}).folder) == "/elsewhere"


def test_a_mistyped_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(StackError, match=r"STACK_OFSET is not a setting of the stack; did you mean STACK_OFFSET\?"):
        load({"STACK_OFSET": "500"})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("STACK_OFFSET", "many", "STACK_OFFSET is 'many', not a number"),
        ("STACK_S3_PORT", "1e3", "STACK_S3_PORT is '1e3', not a number"),
        ("STACK_OFFSET", "60000", "ports are 1 to 65535"),
        ("STACK_GATEWAY_PORT", "0", "ports are 1 to 65535"),
    ],
)
def test_a_port_that_cannot_be_is_refused(name: str, value: str, sentence: str) -> None:
    with pytest.raises(StackError, match=sentence):
        load({name: value})


def test_each_schema_has_one_folder_and_the_worker_shares_its_services() -> None:
    layout = load({})

    schemas = layout.schemas

    assert str(schemas["media"]) == "services/media"
    assert str(schemas["history"]) == "services/audit"
    assert set(schemas) == {one.schema for one in layout.deployables if one.schema}
