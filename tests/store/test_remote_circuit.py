"""A service that was given up is left alone for a while, then tried again; what one connection learns all know."""

import threading
import time

import pytest

from connector.store.remote_circuit import Circuit, OutageError


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The seconds."""
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    """A clock of ours."""
    return Seconds()


def test_who_is_given_up_is_asked_nothing_until_it_has_rested(seconds):
    """For two minutes every question ends at once; the first answer after that closes the circuit."""
    circuit = Circuit(seconds)
    circuit.wait()
    assert str(circuit.opened("dead")).startswith("dead\n  Run again when it answers")
    seconds.now += 119
    with pytest.raises(OutageError, match="dead"):
        circuit.wait()
    circuit.well(reads=False)  # an answer that was on its way when it was given up
    with pytest.raises(OutageError, match="dead"):
        circuit.wait()
    seconds.now += 2
    circuit.wait()
    circuit.well(reads=False)
    seconds.now -= 60
    circuit.wait()


def test_who_fails_again_after_its_rest_rests_again(seconds):
    """A service that is tried again and fails is left alone for another two minutes."""
    circuit = Circuit(seconds)
    circuit.opened("dead")
    seconds.now += 121
    circuit.wait()
    circuit.opened("dead again")
    with pytest.raises(OutageError, match="dead again"):
        circuit.wait()


def test_faults_count_only_while_nothing_else_comes(seconds):
    """Eleven faults in a row are some users' own, twelve are the service's; any other answer begins afresh."""
    circuit = Circuit(seconds)
    for _ in range(3):
        for _ in range(11):
            circuit.fault("broken", reads=False)
        circuit.well(reads=False)
    for _ in range(11):
        circuit.fault("broken", reads=False)
    with pytest.raises(OutageError, match="broken"):
        circuit.fault("broken", reads=False)


def test_who_only_reads_well_is_given_up_too(seconds):
    """Answers to questions say nothing of changes: a service that fails at every change is given up."""
    circuit = Circuit(seconds)
    for _ in range(11):
        circuit.fault("broken", reads=False)
        circuit.well(reads=True)
    with pytest.raises(OutageError, match="broken"):
        circuit.fault("broken", reads=False)


def test_a_pause_ends_when_the_service_is_given_up():
    """Who waits to try again learns at once that nobody will."""
    circuit = Circuit(time.monotonic)
    began = time.monotonic()
    threading.Timer(0.05, lambda: circuit.opened("dead")).start()
    circuit.pause(30)
    assert time.monotonic() - began < 5


def test_what_one_was_asked_holds_for_all():
    """A wait that the service asked of one connection is kept by every other."""
    circuit = Circuit(time.monotonic)
    circuit.hold(0.2)
    began = time.monotonic()
    circuit.wait()
    assert time.monotonic() - began > 0.15
