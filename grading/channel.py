"""A socket that carries messages to and from a process that is not trusted, with a deadline.

A message is JSON with its length in front, as in `helpers.checks.child`. Neither side can be made
to wait for ever, to read without end, or to take more memory than a few times `LARGEST_MESSAGE`.
"""

import json
import secrets
import select
import socket
import struct
import time

LARGEST_MESSAGE = 32 << 20  # bytes; the weights of the largest model of the course have about 3 MiB
MOST_STRAY = 1000  # messages that answer no request, before one that does


class Gone(Exception):
    """The other side ended, took too long or sent what nobody can read; says which."""


class Channel:
    """One end of a connected socket.

    After `Gone` it stays closed: whatever came later would answer an earlier request.
    """

    def __init__(self, connection, largest=LARGEST_MESSAGE):
        self.connection, self.largest = connection, largest
        self.connection.setblocking(False)

    def fileno(self):
        return self.connection.fileno()

    def close(self):
        self.connection.close()

    def ask(self, request, seconds):
        """The answer to a request, a dict.

        An answer carries the token of its request; what was sent before the request, or to
        answer another one, is passed over.

        Raises:
            Gone: see the class.
        """
        end = time.monotonic() + seconds
        token = secrets.token_hex(8)
        self.send(request | {"token": token}, seconds)
        for _ in range(MOST_STRAY):
            answer = self.receive(end - time.monotonic())
            if answer.pop("token", None) == token:
                return answer
        self._gone(f"{MOST_STRAY} messages that answer nothing")

    def send(self, message, seconds):
        """Write one message."""
        raw = json.dumps(message).encode()
        left = memoryview(struct.pack(">I", len(raw)) + raw)
        end = time.monotonic() + seconds
        try:
            while left:
                self._wait(end, seconds, to_write=True)
                left = left[self.connection.send(left) :]
        except OSError:
            self._gone("the process that ran it ended")

    def receive(self, seconds):
        """Read one message, a dict."""
        end = time.monotonic() + seconds
        (length,) = struct.unpack(">I", self._read(4, end, seconds))
        if length > self.largest:
            self._gone(f"an answer of {length} bytes, at most {self.largest}")
        raw = self._read(length, end, seconds)
        try:
            message = json.loads(raw)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            self._gone("an answer that nobody can read")
        return message

    def _read(self, count, end, seconds):
        raw = bytearray()
        while len(raw) < count:
            self._wait(end, seconds)
            try:
                piece = self.connection.recv(min(count - len(raw), 1 << 20))
            except BlockingIOError:
                continue
            except OSError:
                piece = b""
            if not piece:
                self._gone("the process that ran it ended")
            raw += piece
        return bytes(raw)

    def _wait(self, end, seconds, to_write=False):
        if self.connection.fileno() < 0:
            raise Gone("the process that ran it ended")
        ours = [self.connection]
        left = max(end - time.monotonic(), 0)
        ready = select.select([] if to_write else ours, ours if to_write else [], [], left)
        if not any(ready):
            self._gone(f"no answer within {seconds:g} seconds")

    def _gone(self, why):
        self.close()
        raise Gone(why)


def pair():
    """Two connected channels."""
    return tuple(map(Channel, socket.socketpair()))
