"""What tests of concurrency do the same way for each driver: workers, pauses, raw documents."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from tests.drivers import settled
from tests.transactions.helpers import driven, is_sync


async def pause(db, seconds):
    """Wait as one waits beside the driver."""
    if is_sync(db):
        time.sleep(seconds)
    else:
        await asyncio.sleep(seconds)


async def together(db, works):
    """Give what coroutine functions give that run side by side: in tasks, or in threads.

    All of them come to an end before the error of one is raised.
    """
    works = list(works)
    with ThreadPoolExecutor(len(works)) as pool:
        if is_sync(db):
            running = [pool.submit(lambda work=work: driven(work())) for work in works]
            running = map(asyncio.wrap_future, running)
        else:
            running = [work() for work in works]
        results = await asyncio.gather(*running, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


async def raw(document, db):
    """Give what is stored of a document, as the driver gives it."""
    return await settled(type(document).coll(db).find_one(document.query_id))


async def write_raw(document, db, update):
    """Change what is stored of a document, past every guard."""
    await settled(type(document).coll(db).update_one(document.query_id, update))


def seen(document):
    """Give all that a document holds in memory."""
    return dict(vars(document))
