"""What goes wrong with the test server, said so that the reader knows what to do."""


class TestServerError(Exception):
    """The server could not be had or used; the message says what to do."""

    __test__ = False  # pytest would take the name for a test class
