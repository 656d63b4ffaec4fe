#!/usr/bin/env bash
# Tries onrecord's Slack side on this machine alone, without Slack: a stand-in for Slack, the server, a check of
# the address, and one signed question; prints what would be seen in Slack.
#   make index && bash docs/slack-try.sh ["QUESTION"]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
question=${1:-What did Blinken say about the prospects of reviving the Iran nuclear deal?}
bin=${BIN:-.venv/bin}
standin=${STANDIN_PORT:-9911}
port=${PORT:-7861}
export SLACK_SIGNING_SECRET=${SLACK_SIGNING_SECRET:-$(openssl rand -hex 16)}
export SLACK_BOT_TOKEN=xoxb-not-a-real-token
export SLACK_API_URL=http://127.0.0.1:$standin/api/
export ONRECORD_PUBLIC_URL=http://127.0.0.1:$port
seen=$(mktemp -d)
kept=$seen/conversations.sqlite

[ -x "$bin/onrecord" ] || { echo "onrecord is not installed here yet: make index" >&2; exit 2; }

started=()
finish() {
	for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$seen"
}
trap finish EXIT

"$bin/python" docs/slack-standin.py "$standin" >"$seen/slack" &
started+=($!)
ONRECORD_CONVERSATIONS=$kept "$bin/onrecord" serve --port "$port" >"$seen/server" 2>&1 &
started+=($!)

echo "1. The server starts"
for _ in $(seq 300); do
	curl --silent --fail --max-time 5 --output "$seen/health" "http://127.0.0.1:$port/api/health" && break
	kill -0 "${started[1]}" 2>/dev/null || { cat "$seen/server" >&2; exit 1; }
	sleep 0.2
done
cat "$seen/server"

echo "2. Slack checks the address, and wants its challenge back"
bash docs/slack-send.sh "http://127.0.0.1:$port/slack/events" \
	'{"type": "url_verification", "token": "x", "challenge": "a-challenge"}'
echo

echo "3. Somebody mentions the app: acknowledged at once, answered in the thread"
event=$("$bin/python" -c 'import json, sys, time
now = f"{time.time():.6f}"
said = {"type": "app_mention", "user": "U1", "channel": "C1", "ts": now, "text": "<@U0> " + sys.argv[1]}
print(json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": said}))' "$question")
bash docs/slack-send.sh "http://127.0.0.1:$port/slack/events" "$event"
for _ in $(seq 150); do
	grep -q 'chat.postMessage' "$seen/slack" && break
	sleep 0.2
done
sleep 0.5
cat "$seen/slack"

echo "4. A request with another signature is refused"
status=$(SLACK_SIGNING_SECRET=another bash docs/slack-send.sh "http://127.0.0.1:$port/slack/events" "$event" || true)
echo "$status"
grep -q 'chat.postMessage' "$seen/slack"
