"""A limit in seconds is a number of them that can pass."""

from argparse import ArgumentTypeError

import pytest

from pcverify import cli
from pcverify.evidence import seconds


@pytest.mark.parametrize(("text", "number"), [("0.2", 0.2), ("600", 600.0), ("1e6", 1e6)])
def test_seconds_are_read(text, number):
    assert seconds(text) == number


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "0", "-1", "1e300", "long", ""])
def test_what_is_no_time_that_can_pass_is_refused(text):
    with pytest.raises(ArgumentTypeError, match="must be seconds, more than 0 and up to 1,000,000, got "):
        seconds(text)


@pytest.mark.parametrize("text", ["nan", "inf", "0", "-1"])
@pytest.mark.parametrize("command", ["prove", "conform ConditionQueue", "validate x.trace", "explore x.py::f"])
def test_each_command_refuses_it_as_a_wrong_call(command, text, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*command.split(), f"--max-seconds={text}"])
    assert ended.value.code == 2
    assert f"--max-seconds: must be seconds, more than 0 and up to 1,000,000, got {text}" in capsys.readouterr().err
