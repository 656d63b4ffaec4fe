"""Wrong tokens are counted and kept waiting; right ones are no business of it."""

from __future__ import annotations

import asyncio

from onrecord.faces.http.guesses import Guesses


class Clock:
    """Time as a test wants it, and what was slept."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_wrong_tokens_are_few_for_an_address_and_in_all():
    clock = Clock()
    guesses = Guesses(clock, clock.sleep)

    def wrong(address: str) -> int:
        return asyncio.run(guesses.wrong(address))

    assert [wrong("203.0.113.1") for _ in range(7)] == [0] * 5 + [60] * 2
    assert clock.slept == sorted(clock.slept)
    assert (clock.slept[0], clock.slept[4]) == (0.1, 1.6)
    assert wrong("203.0.113.2") == 0
    clock.now += 30.5
    assert wrong("203.0.113.1") == 30
    clock.now += 30
    assert wrong("203.0.113.1") == 0
    clock.now += 100
    assert [wrong(f"203.0.113.{turn}") for turn in range(51)] == [0] * 50 + [60]
    assert max(clock.slept) == 2.0
    clock.now += 60
    assert wrong("203.0.113.1") == 0
    assert clock.slept[-1] == 0.1


def test_addresses_of_one_household_are_counted_together():
    clock = Clock()
    guesses = Guesses(clock, clock.sleep)
    told = [asyncio.run(guesses.wrong(f"2001:db8:0:1::{turn:x}")) for turn in range(6)]
    assert told == [0] * 5 + [60]
    assert asyncio.run(guesses.wrong("2001:db8:0:2::1")) == 0


def test_no_more_than_a_number_of_answers_wait():
    clock = Clock()
    release = asyncio.Event()

    async def asleep(_: float) -> None:
        await release.wait()

    async def many() -> list[int]:
        guesses = Guesses(clock, asleep)
        tasks = [asyncio.ensure_future(guesses.wrong("203.0.113.1")) for _ in range(64)]
        await asyncio.sleep(0)
        at_once = await asyncio.wait_for(guesses.wrong("203.0.113.2"), 1)
        assert not any(task.done() for task in tasks)
        release.set()
        await asyncio.gather(*tasks)
        return [at_once, await guesses.wrong("203.0.113.2")]

    assert asyncio.run(many()) == [1, 0]
