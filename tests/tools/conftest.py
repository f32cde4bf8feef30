"""Some tools need Helm too."""

from tests.charts.conftest import pytest_collection_finish as pytest_collection_finish
