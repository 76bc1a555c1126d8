"""Requests to cancel a run that Gradio answers with an error: twice for one run, or for none."""

import asyncio
import json
from typing import Any
from weakref import WeakValueDictionary

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class OneAtATime:
    """Middleware: requests to cancel one run are answered one after the other.

    Gradio 6.31 looks whether the run is there, waits until its generator is at rest, and then
    removes it: of two requests at a time the second fails (KeyError, status 500). And its page asks
    to cancel and to forget a run that has no id since it is over or was none; that is status 422
    and an error in the browser's console, where there is nothing to do. So it is where a run ends
    by itself while Gradio waits for it (KeyError of its id).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(("/cancel", "/reset")):
            await self._app(scope, receive, send)
            return
        told = [await receive()]  # names visitor, function and run; so short that it comes at once

        async def once_more() -> Message:
            return told.pop() if told else await receive()

        body = told[0].get("body", b"")
        run, done = _run_of(body), JSONResponse({"success": True})
        if run is None:
            await done(scope, once_more, send)
            return
        async with self._turns.setdefault(body, asyncio.Lock()):
            try:
                await self._app(scope, once_more, send)
            except KeyError as error:
                if error.args != (run,):
                    raise
                await done(scope, once_more, send)


def _run_of(body: bytes) -> Any:
    """The id a request names, None where it says that there is none; "" of any other request."""
    try:
        asked = json.loads(body)
    except ValueError:
        return ""
    return asked.get("event_id", "") if isinstance(asked, dict) else ""
