"""The body of an upload, handed on as long as all of it is files: other parts would be kept in memory."""

from __future__ import annotations

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import Message, Receive

_HEADER_BYTES = 8_000


class FilesOnly:
    """Gives the body of a form as it comes; it ends as if the caller had gone where a part is no file.

    Args:
        receive: Of the request.
        content_type: Its header, which names the boundary of the parts.
    """

    def __init__(self, receive: Receive, content_type: str) -> None:
        self._receive = receive
        self._name, self._value = bytearray(), bytearray()
        self._is_file = False
        self.refused = False
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        self._parser = MultipartParser(
            boundary or b"none",
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._collect(self._name, data[start:end]),
                "on_header_value": lambda data, start, end: self._collect(self._value, data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
            },
        )

    async def __call__(self) -> Message:
        """Give the next message (ASGI)."""
        message = await self._receive()
        if message["type"] == "http.request" and not self.refused:
            try:
                self._parser.write(message.get("body", b""))
            except FormParserError:
                self.refused = True
        return {"type": "http.disconnect"} if self.refused else message

    def _begin(self) -> None:
        self._is_file = False

    def _collect(self, into: bytearray, data: bytes) -> None:
        into += data
        self.refused |= len(into) > _HEADER_BYTES

    def _end_header(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            self._is_file = b"filename" in parse_options_header(bytes(self._value))[1]
        self._name.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        self.refused |= not self._is_file
