"""websocket_client.py URL N SECONDS: N clients that send a message now and then and read the echo."""

import asyncio
import random
import sys
import time

import websockets

url, n, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])


async def talk(i):
    rng, end = random.Random(i), time.time() + seconds
    async with websockets.connect(url, ping_interval=None) as socket:
        while time.time() < end:
            await socket.send("x" * rng.randrange(20, 400))
            await socket.recv()
            await asyncio.sleep(rng.uniform(0.2, 6))


async def main():
    await asyncio.gather(*(talk(i) for i in range(n)))


asyncio.run(main())
