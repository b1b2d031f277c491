from pathlib import Path

import pytest

from flows.settings.environment import check_prefect_api
from flows.settings.faults import MapFaults
from flows.settings.field import Serve
from flows.settings.reading import SettingsError

GIVEN = {"survey": "a.sgy", "out": "run"}


def test_options_win_over_environment_and_that_over_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert MapFaults.read(GIVEN).tile_memory == 6.0
    monkeypatch.setenv("GRABEN_TILE_MEMORY", "2.5")
    assert MapFaults.read(GIVEN).tile_memory == 2.5
    assert MapFaults.read(GIVEN | {"tile_memory": "1.5"}).tile_memory == 1.5


def test_what_is_not_given_is_the_default() -> None:
    assert MapFaults.read(GIVEN | {"workers": None}).workers is None


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"tile_memory": "-1"}, "--tile-memory"),
        ({"inline_byte": "0"}, "--inline-byte"),
        ({"inline_byte": "240"}, "--inline-byte"),
        ({"domain": "inches"}, "--domain"),
        ({"threshold": "1.5"}, "--threshold"),
        ({"workers": "0"}, "--workers"),
        ({"sample_interval": "0"}, "--sample-interval"),
        ({"colour": "red"}, "--colour"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_in_one_line(
    given: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        MapFaults.read(GIVEN | given)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_wrong_option_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        MapFaults.read(GIVEN | {"workers": "x", "domain": "y"})
    assert "--workers" in str(caught.value)
    assert "--domain" in str(caught.value)


def test_settings_cannot_be_changed() -> None:
    settings = MapFaults.read(GIVEN)
    with pytest.raises(ValueError, match="frozen"):
        settings.out = Path("other")


@pytest.mark.parametrize("given", [{}, {"cron": "0 2 * * *", "interval": "60"}])
def test_a_schedule_is_either_cron_or_interval(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="either --cron or --interval"):
        Serve.read({"field": "field.toml", **given})


def test_the_prefect_server_is_the_one_that_prefect_or_graben_is_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PREFECT_API_URL", "GRABEN_API_URL"):
        monkeypatch.delenv(name, raising=False)
    given = {"field": "field.toml", "interval": "60"}
    monkeypatch.setenv("API_URL", "http://somebody.else/api")
    assert Serve.read(given).api_url is None
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect/api")
    assert Serve.read(given).api_url == "http://prefect/api"
    assert Serve.read(given | {"api_url": "http://own/api"}).api_url == "http://own/api"


def test_a_prefect_server_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    check_prefect_api()
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(SettingsError, match="no Prefect server answers") as caught:
        check_prefect_api()
    assert "\n" not in str(caught.value)
