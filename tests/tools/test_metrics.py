"""Every metric is declared once, in the code, and told on its page."""

import re

from tools.metrics import PAGE, declared, page

NAME = re.compile(r"orrery_[a-z_]+")
UNBOUNDED = {"user", "user_id", "tenant", "organization", "organization_id", "path", "url", "id", "job_id", "address"}


def test_the_page_is_what_the_code_declares() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tools.metrics"


def test_names_are_ours_and_say_their_unit() -> None:
    found = declared()

    assert len(found) == len({metric.name for metric in found})
    assert all(NAME.fullmatch(metric.name) for metric in found)
    assert [metric.name for metric in found if metric.kind == "counter" and not metric.name.endswith("_total")] == []
    assert [metric.name for metric in found if not metric.meaning.endswith(".")] == []


def test_no_label_has_a_value_for_each_user_or_path() -> None:
    assert [metric.name for metric in declared() if UNBOUNDED & set(metric.labels)] == []


def test_declarations_are_found_in_the_libraries_the_gateway_and_the_services() -> None:
    names = {metric.name for metric in declared()}

    assert names >= {
        "orrery_database_pool_connections",
        "orrery_http_requests_total",
        "orrery_passwords_refused_total",
        "orrery_rpc_server_seconds",
    }
