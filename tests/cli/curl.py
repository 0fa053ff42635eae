"""Stands in for curl in the tutorial's test: the few options it uses, with nothing to install."""

import argparse
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path


def main() -> None:
    """Send one request; write headers and body where the options say."""
    options = _options()
    url, data = options.url, options.data
    if options.query:
        url += "?" + "&".join(_encoded(pair) for pair in options.query)
    request = urllib.request.Request(url, data=data.encode() if data is not None else None)
    for header in options.headers:
        name, _, value = header.partition(":")
        request.add_header(name, value.strip())
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        body = answer.read()
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        if options.dump:
            Path(options.dump).write_text(f"HTTP/1.1 {answer.status} -\r\n{head}", newline="")
    if options.output:
        Path(options.output).write_bytes(body)
    else:
        sys.stdout.buffer.write(body)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-D", dest="dump")
    parser.add_argument("-o", dest="output")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="data")
    parser.add_argument("-G", action="store_true")
    parser.add_argument("--data-urlencode", dest="query", action="append", default=[])
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-S", action="store_true")
    return parser.parse_args()


def _encoded(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={urllib.parse.quote(value)}"


if __name__ == "__main__":
    main()
