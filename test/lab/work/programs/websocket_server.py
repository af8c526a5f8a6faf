"""websocket_server.py PORT: echoes messages, pings every four seconds."""

import asyncio
import sys

import websockets


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def main():
    async with websockets.serve(echo, "", int(sys.argv[1]), ping_interval=4):
        await asyncio.Future()


asyncio.run(main())
