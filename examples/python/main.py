"""A program with an access key: asks twice in one session and prints the answers as they come.

It needs no package. With the package openai, the same is
OpenAI(base_url=FUNCTIONS_URL, api_key=ACCESS_KEY).chat.completions.create(...).
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

MODEL = os.environ.get("MODEL", "gpt-6-luna")


def ask(content, session_id=None):
    """Print the answer to a question and return the id of its session."""
    headers = {
        "Authorization": f"Bearer {os.environ['ACCESS_KEY']}",
        "Content-Type": "application/json",
    }
    if session_id:
        headers["x-session-id"] = session_id
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": content}],
        "stream": True,
    }
    url = f"{os.environ['FUNCTIONS_URL']}/chat/completions"
    with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=300) as response:
        for line in response:
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[len(b"data: "):])
            if "error" in event:
                raise RuntimeError(event["error"]["message"])
            for choice in event["choices"]:
                print(choice["delta"].get("content") or "", end="", flush=True)
        print()
        return response.headers["x-session-id"]


def main():
    missing = [name for name in ("FUNCTIONS_URL", "ACCESS_KEY") if not os.environ.get(name)]
    if missing:
        sys.exit(f"Set {' and '.join(missing)}.")
    try:
        session = ask("My name is Alice.")
        ask("What is my name?", session)
    except HTTPError as failure:
        # The message says what to do; the request id finds the request in the log.
        error = json.load(failure)["error"]
        sys.exit(f"{error['message']} ({error['code']}, {failure.headers['x-request-id']})")


if __name__ == "__main__":
    main()
