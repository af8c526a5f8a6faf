"""redis_pool.py ADDRESS: six threads that share a pool of connections, a subscriber and a worker that waits for its queue."""

import random
import sys
import threading
import time

import redis

pool = redis.ConnectionPool(host=sys.argv[1], max_connections=10)
end = time.time() + 18
rng = random.Random(3)


def ask():
    r = redis.Redis(connection_pool=pool)
    while time.time() < end:
        r.set("key", rng.random())
        r.get("key")
        time.sleep(rng.uniform(0.1, 1.5))


def listen():
    channel = redis.Redis(connection_pool=pool).pubsub()
    channel.subscribe("news")
    while time.time() < end:
        channel.get_message(timeout=1)
    channel.close()


def work():
    r = redis.Redis(connection_pool=pool)
    while time.time() < end:
        r.blpop("queue", timeout=4)


threads = [threading.Thread(target=f) for f in [ask] * 6 + [listen, work]]
for t in threads:
    t.start()
time.sleep(13)
redis.Redis(connection_pool=pool).publish("news", "one")
redis.Redis(connection_pool=pool).rpush("queue", "piece")
for t in threads:
    t.join()
pool.disconnect()
