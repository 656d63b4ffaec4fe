#!/usr/bin/env bash
# Sends an event to `onrecord serve`, signed as Slack signs it.
#   SLACK_SIGNING_SECRET=… bash docs/slack-send.sh URL 'JSON'
set -euo pipefail
url=$1
body=$2
timestamp=$(date +%s)
signature=$(printf 'v0:%s:%s' "$timestamp" "$body" |
	openssl dgst -sha256 -hmac "$SLACK_SIGNING_SECRET" -hex | sed 's/^.* //')
curl --silent --show-error --fail-with-body --max-time 10 "$url" \
	-H 'Content-Type: application/json' \
	-H "X-Slack-Request-Timestamp: $timestamp" \
	-H "X-Slack-Signature: v0=$signature" \
	--data-binary "$body"
