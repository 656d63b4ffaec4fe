"""A stand-in for Slack's Web API on this machine: prints each message it gets. To try onrecord without Slack.

python docs/slack-standin.py 9911
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


def lines(value):
    """Give what a reader sees of a message, a quotation marked by a bar."""
    for block in value:
        for element in block.get("elements", []):
            if element["type"] == "button":
                yield f"[{element['text']['text']}]"
            elif element["type"] == "plain_text":
                yield element["text"]
            else:
                bar = "| " if element["type"] == "rich_text_quote" else ""
                yield bar + "".join(
                    f"{each['text']} <{each['url']}>" if each["type"] == "link" else each["text"]
                    for each in element["elements"]
                )


class Slack(BaseHTTPRequestHandler):
    """Takes every call."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Print a message, and say that all is well."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "json" in self.headers.get("Content-Type", ""):
            told = json.loads(body)
        else:
            told = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        method = self.path.rpartition("/")[2].partition("?")[0]
        answer = {"ok": True, "channel": told.get("channel"), "ts": "1700000000.000100", "messages": []}
        if "blocks" in told:
            print(f"--- {method} to {told.get('channel', self.path)}, thread {told.get('thread_ts', 'none')}")
            print("\n".join(lines(told["blocks"])), flush=True)
        else:
            print(f"--- {method}", flush=True)
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, *args):
        """Write nothing else."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Slack).serve_forever()
