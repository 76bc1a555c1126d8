"""Runs that are cancelled twice, by two presses of a button or by a button and a menu."""

import asyncio
from weakref import WeakValueDictionary

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class OneAtATime:
    """Middleware: requests to cancel one run are answered one after the other.

    Gradio 6.31 looks whether the run is there, waits until its generator is at rest, and then
    removes it: of two requests at a time the second fails (KeyError, status 500).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/cancel"):
            await self._app(scope, receive, send)
            return
        told = [await receive()]  # names visitor, function and run; so short that it comes at once

        async def once_more() -> Message:
            return told.pop() if told else await receive()

        turn = self._turns.setdefault(told[0].get("body", b""), asyncio.Lock())
        async with turn:
            await self._app(scope, once_more, send)
