"""A process that takes a lock, holds it in a block that renews it, and waits to be killed."""

import asyncio
import sys

from tests.concurrency.helpers import pause
from tests.drivers import DRIVERS, entered
from tests.transactions.helpers import driven, is_sync


async def hold(db, model):
    async with entered(model.q(db).lock({}, sort=[('_id', 1)])) as document:
        print(document.lock['token'], flush=True)
        await pause(db, 60)


def main():
    from tests.concurrency.models import Counter

    uri, driver, name = sys.argv[1:]
    db = DRIVERS[driver](uri)[name]
    if is_sync(db):
        driven(hold(db, Counter))
    else:
        asyncio.run(hold(db, Counter))


if __name__ == '__main__':
    main()
