"""Chromium's DevTools protocol, spoken to a page directly: by a driver it takes far longer."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

from websocket import WebSocket, create_connection

from processes import PATIENCE


class DevTools:
    """The socket of one page.

    Args:
        address: host and port of the browser's DevTools.
        path: what tells of the page: of those that are open, the first; or of a new one.
    """

    def __init__(self, address: str, path: str = "json") -> None:
        with urlopen(f"http://{address}/{path}") as answer:
            told = json.load(answer)
        pages = [each for each in told if each["type"] == "page"] if path == "json" else [told]
        socket = pages[0]["webSocketDebuggerUrl"]
        self.socket: WebSocket = create_connection(socket, timeout=PATIENCE, suppress_origin=True)
        self.number = 0
        self.happened: list[str] = []
        self.cdp("Page.enable")

    def cdp(self, command: str, **arguments: Any) -> dict[str, Any]:
        """One command; its answer. What happens meanwhile is kept in ``happened``.

        Raises:
            RuntimeError: if the browser refuses it.
        """
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": command, "params": arguments}))
        while (answer := self._next()).get("id") != self.number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{command}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.socket.recv())
        if "method" in answer:
            self.happened.append(answer["method"])
        return answer

    def get(self, address: str) -> None:
        self.happened.clear()
        self.cdp("Page.navigate", url=address)
        while "Page.loadEventFired" not in self.happened:
            self._next()

    def execute_script(self, script: str, *arguments: Any) -> Any:
        """``script`` as the body of a function, as WebDriver has it; no elements in or out."""
        call = f"(function () {{ {script} }}).apply(null, {json.dumps(arguments)})"
        answer = self.cdp("Runtime.evaluate", expression=call, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")
