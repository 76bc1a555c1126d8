"""Requests to cancel one run take turns; all others pass as they come."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.ui import LAUNCH
from lab.ui.cancelling import OneAtATime


def most_at_once(*asked: tuple[str, bytes]) -> int:
    """How many of the requests (path, body), sent together, are ever answered at the same time."""
    answering, most, read = 0, 0, []

    async def app(scope, receive, send) -> None:
        nonlocal answering, most
        answering += 1
        most = max(most, answering)
        read.append((scope["path"], (await receive())["body"]))
        await asyncio.sleep(0.01)
        answering -= 1

    async def together() -> None:
        door = OneAtATime(app)

        def request(path: str, body: bytes):
            async def receive() -> dict:
                return {"type": "http.request", "body": body, "more_body": False}

            return door({"type": "http", "path": path}, receive, None)

        await asyncio.gather(*(request(path, body) for path, body in asked))

    with ThreadPoolExecutor(
        1
    ) as pool:  # a browser test before this one leaves a loop in this thread
        pool.submit(lambda: asyncio.run(together())).result()
    assert sorted(read) == sorted(asked)  # each is answered, with the body that was sent
    return most


def test_requests_to_cancel_one_run_take_turns() -> None:
    assert most_at_once(*[("/gradio_api/cancel", b"a")] * 4) == 1


def test_other_runs_and_other_requests_do_not_wait() -> None:
    assert most_at_once(("/gradio_api/cancel", b"a"), ("/gradio_api/cancel", b"b")) == 2
    assert most_at_once(*[("/gradio_api/queue/join", b"a")] * 4) == 4


@pytest.mark.parametrize("path", ["/gradio_api/cancel", "/gradio_api/reset"])
@pytest.mark.parametrize("body, passed_on", [
    (b'{"event_id":null,"session_hash":"a","fn_index":7}', False),
    (b'{"event_id":"b","session_hash":"a","fn_index":7}', True),
    (b'{"session_hash":"a"}', True),
    (b"[1]", True),
    (b"{", True),
])  # fmt: skip
def test_a_run_without_an_id_is_not_asked_for(path: str, body: bytes, passed_on: bool) -> None:
    """And the page hears that all is well; whatever else comes is for Gradio to answer."""
    asked, answers = [], []

    async def app(scope, receive, send) -> None:
        asked.append((await receive())["body"])

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        answers.append(message.get("status", message.get("body")))

    scope = {"type": "http", "path": path, "method": "POST", "headers": []}
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(OneAtATime(app)(scope, receive, send))).result()
    assert asked == ([body] if passed_on else [])
    assert answers == ([] if passed_on else [200, b'{"success":true}'])


def test_a_run_that_ended_by_itself_counts_as_cancelled_and_other_errors_stay() -> None:
    answers = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b'{"event_id":"b"}', "more_body": False}

    async def send(message: dict) -> None:
        answers.append(message.get("status", message.get("body")))

    async def ask(missing: str) -> None:
        async def app(scope, receive, send) -> None:
            await receive()
            raise KeyError(missing)

        scope = {"type": "http", "path": "/gradio_api/cancel", "method": "POST", "headers": []}
        await OneAtATime(app)(scope, receive, send)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(ask("b"))).result()
        assert answers == [200, b'{"success":true}']
        with pytest.raises(KeyError, match="other"):
            pool.submit(lambda: asyncio.run(ask("other"))).result()


def test_the_lab_is_served_behind_it() -> None:
    assert any(each.cls is OneAtATime for each in LAUNCH["app_kwargs"]["middleware"])
