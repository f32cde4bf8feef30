"""What a list of the resource family is asked for: query parameters into orrery.types.v1.ListQuery."""

import re
from collections.abc import Mapping

from orrery.types.v1.types_pb2 import ListQuery

from gateway.bridge.scalars import INT32, text_string
from gateway.bridge.violations import Break, Report

LIST_QUERY = ListQuery.DESCRIPTOR.full_name
OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "starts_with")
SINGLE = ("page", "limit", "cursor", "sort", "search", "fields")
LONGEST = 1000  # characters of one value
MOST_LIMIT = 100
FILTER = re.compile(r"filter\[([A-Za-z][A-Za-z0-9_.]{0,63})\](?:\[([a-z_]{1,20})\])?", re.ASCII)
NAME = re.compile(r"-?[A-Za-z][A-Za-z0-9_.]{0,63}", re.ASCII)


def list_parameters() -> tuple[str, ...]:
    """The parameters that every list takes; filters stand for themselves."""
    return (*SINGLE, "filter[field]")


def is_list_parameter(name: str) -> bool:
    return name in SINGLE or FILTER.fullmatch(name) is not None


def fill_list(query: ListQuery, texts: Mapping[str, list[str]], report: Report) -> None:
    """Read the list's parameters into the message; names of fields are the service's to know."""
    found = {name: usable(name, values, report) for name, values in texts.items() if is_list_parameter(name)}
    asked = {name: text for name, text in found.items() if text is not None}
    if "page" in asked and "cursor" in asked:
        report.add("cursor", Break("page_or_cursor", {}))
    fill_numbers(query, asked, report)
    query.cursor, query.search = asked.get("cursor", ""), asked.get("search", "")
    query.sort.extend(split_names("sort", asked, report))
    query.fields.extend(split_names("fields", asked, report))
    for name, text in asked.items():
        if matched := FILTER.fullmatch(name):
            add_filter(query, matched, text, report)


def usable(name: str, values: list[str], report: Report) -> str | None:
    """The one value of a parameter, if it is usable at all."""
    broken = Break("repeated", {}) if len(values) > 1 else text_string(values[0])
    if len(values[0]) > LONGEST:
        broken = Break("max_len", {"limit": str(LONGEST)})
    if type(broken) is Break:
        report.add(name, broken)
        return None
    return values[0]


def fill_numbers(query: ListQuery, asked: Mapping[str, str], report: Report) -> None:
    for name, most in (("page", 1_000_000), ("limit", MOST_LIMIT)):
        if name not in asked:
            continue
        value = INT32.from_text(asked[name])
        if type(value) is int and not 1 <= value <= most:
            value = Break("range", {"low": "1", "high": str(most)})
        if type(value) is Break:
            report.add(name, value)
        else:
            setattr(query, name, value)


def split_names(parameter: str, asked: Mapping[str, str], report: Report) -> list[str]:
    """The field names of a comma-separated parameter; a minus is for `sort` alone."""
    if parameter not in asked:
        return []
    names = asked[parameter].split(",")
    if all(NAME.fullmatch(name) and (parameter == "sort" or name[0] != "-") for name in names):
        return names
    report.add(parameter, Break("pattern", {}))
    return []


def add_filter(query: ListQuery, matched: re.Match[str], text: str, report: Report) -> None:
    field, operator = matched[1], matched[2] or "eq"
    if operator not in OPERATORS:
        report.add(f"filter[{field}]", Break("operator", {"allowed": ", ".join(OPERATORS)}))
        return
    query.filters.add(field=field, op=operator, value=text)
