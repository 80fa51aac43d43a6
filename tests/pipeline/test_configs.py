"""Configs are refused when they are made, with a message that says what to change."""

from __future__ import annotations

import dataclasses
import math

import pytest

from pcverify import ConsumerConfig, CoordinatorConfig, PipelineError, ProducerConfig
from pcverify.pipeline import ConfigError

CONFIGS = [ProducerConfig, ConsumerConfig, CoordinatorConfig]
TIMEOUTS = [(ProducerConfig, "put_timeout"), (ConsumerConfig, "get_timeout"), (CoordinatorConfig, "join_timeout")]
WORKERS = [ProducerConfig, ConsumerConfig]


@pytest.mark.parametrize("config", CONFIGS)
def test_a_name_is_enough(config):
    assert config("name").name == config(name="name").name == "name"


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("name", ["", "  ", None, 3])
def test_a_name_must_be_a_text_that_is_not_empty(config, name):
    with pytest.raises(ConfigError, match="name must be"):
        config(name)


@pytest.mark.parametrize(("config", "field"), TIMEOUTS)
@pytest.mark.parametrize("seconds", [None, 0, 0.5, 30])
def test_a_timeout_may_be_none_zero_or_positive(config, field, seconds):
    assert getattr(config("name", **{field: seconds}), field) == seconds


@pytest.mark.parametrize(("config", "field"), [*TIMEOUTS, (ProducerConfig, "delay"), (ConsumerConfig, "delay")])
@pytest.mark.parametrize("seconds", [-1, -0.001, math.nan, math.inf, 1e30, "5", True])
def test_times_that_no_clock_can_keep_are_refused(config, field, seconds):
    with pytest.raises(ConfigError, match=field):
        config("name", **{field: seconds})


def test_an_infinite_timeout_is_told_to_be_none():
    with pytest.raises(ConfigError, match="use None"):
        ProducerConfig("name", put_timeout=math.inf)


@pytest.mark.parametrize("config", WORKERS)
def test_a_delay_cannot_be_none(config):
    with pytest.raises(ConfigError, match="delay"):
        config("name", delay=None)


@pytest.mark.parametrize("config", WORKERS)
def test_policies_must_be_known(config):
    assert config("name", on_timeout="retry").on_timeout == "retry"
    with pytest.raises(ConfigError, match="'stop', 'retry'"):
        config("name", on_timeout="ignore")


def test_the_policy_for_errors_must_be_known():
    assert ConsumerConfig("name", on_error="skip").on_error == "skip"
    with pytest.raises(ConfigError, match="'stop', 'skip'"):
        ConsumerConfig("name", on_error="retry")


@pytest.mark.parametrize("config", WORKERS)
@pytest.mark.parametrize("count", [-1, 1.5, None, True])
def test_log_every_must_be_a_whole_number(config, count):
    with pytest.raises(ConfigError, match="log_every"):
        config("name", log_every=count)


@pytest.mark.parametrize("config", CONFIGS)
def test_configs_cannot_be_changed_and_have_slots(config):
    made = config("name")
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.name = "other"
    assert not hasattr(made, "__dict__")


def test_a_refused_config_is_both_ours_and_a_value_error():
    assert issubclass(ConfigError, PipelineError)
    assert issubclass(ConfigError, ValueError)
