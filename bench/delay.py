"""A PostgreSQL that is far away: ``delay.py PORT SOCKET SECONDS`` passes each byte on, later.

What one side sends reaches the other half of ``SECONDS`` later: a question and its answer take
``SECONDS`` more than they did.
"""

from __future__ import annotations

import asyncio
import sys


async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what comes, each piece after ``delay`` seconds, without holding up the next."""
    loop, pending = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

    async def deliver() -> None:
        while True:
            at, piece = await pending.get()
            await asyncio.sleep(at - loop.time())
            if not piece:
                target.close()
                return
            target.write(piece)

    delivering = asyncio.create_task(deliver())
    piece = b"begun"
    while piece:
        piece = await source.read(65_536)
        pending.put_nowait((loop.time() + delay, piece))
    await delivering


async def main(port: int, socket: str, seconds: float) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours, theirs = await asyncio.open_unix_connection(socket)
        await asyncio.gather(
            carry(reader, theirs, seconds / 2),
            carry(ours, writer, seconds / 2),
            return_exceptions=True,  # whoever goes, goes
        )

    async with await asyncio.start_server(connect, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
