"""Files in MongoDB, as GridFS lays them out: stored, read and deleted piece by piece.

The pieces of a file, its chunks, are written one by one, and read a few at a time. A driver's own
GridFS holds far more of a file in memory, 40 MB of one of 20 MB. The layout is that of the GridFS
specification, so that what is written here is read by any driver, and the other way round.
"""

from aiomongodel.files.bucket import FileInfo
from aiomongodel.files.reading import AsyncFileReader, FileReader
from aiomongodel.files.stored_file import StoredFile

__all__ = ['AsyncFileReader', 'FileInfo', 'FileReader', 'StoredFile']
