"""How many requests a second."""

from hypothesis import given
from hypothesis import strategies as st

from scim_server.limits import Limiter


@given(
    st.floats(0.1, 100),
    st.integers(1, 20),
    st.lists(st.floats(0, 5), max_size=60),
)
def test_no_more_than_the_burst_and_the_rate_get_through(rate, burst, pauses) -> None:
    """Over any time, at most `burst` plus `rate` times the seconds are let in; who waits as told is let in."""
    now = 0.0
    limiter = Limiter(rate, burst, lambda: now)
    let_in = 0
    for pause in pauses:
        now += pause
        wait = limiter.wait("one")
        let_in += not wait
        assert let_in <= burst + rate * now + 1e-6
        if wait:
            now += wait * (1 + 1e-9) + 1e-9
            assert limiter.wait("one") == 0
            let_in += 1


def test_one_does_not_use_up_what_is_anothers() -> None:
    """Each has a bucket of its own."""
    limiter = Limiter(1, 1, lambda: 0.0)
    assert [limiter.wait(who) for who in ("one", "two", "one")] == [0, 0, 1]
