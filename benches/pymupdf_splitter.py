"""Times the usual Python pipeline over a folder of PDFs: PyMuPDF's text, and a recursive character splitter.

    python3 benches/pymupdf_splitter.py FOLDER [ROUNDS]

Prints one line of JSON: seconds of each round with plain text and with layout (position, font and size of each line), and
the numbers of pages and pieces. Starting Python and importing are not counted.
"""

import json
import sys
import time
from pathlib import Path

import pymupdf

TARGET = 900
OVERLAP = 100
SEPARATORS = ["\n\n", "\n", " ", ""]


def split(text, separators=SEPARATORS):
    """Splits at the coarsest separator that gives pieces of at most TARGET characters."""
    if len(text) <= TARGET:
        return [text] if text.strip() else []
    separator, finer = separators[0], separators[1:]
    parts = text.split(separator) if separator else [text[at : at + TARGET] for at in range(0, len(text), TARGET)]
    pieces, current = [], ""
    for part in parts:
        joined = current + separator + part if current else part
        if len(joined) <= TARGET:
            current = joined
            continue
        if current:
            pieces.append(current)
        if len(part) > TARGET and finer:
            pieces.extend(split(part, finer))
            current = ""
        else:
            current = current[-OVERLAP:] + separator + part if current else part
    if current.strip():
        pieces.append(current)
    return pieces


def with_layout(page):
    blocks = page.get_text("dict", flags=pymupdf.TEXTFLAGS_TEXT)["blocks"]
    lines = (line for block in blocks for line in block.get("lines", []))
    return "\n".join("".join(span["text"] for span in line["spans"]) for line in lines)


def read(folder, text):
    pages = pieces = 0
    for path in sorted(Path(folder).rglob("*.pdf")):
        with pymupdf.open(path) as document:
            for page in document:
                pages += 1
                pieces += len(split(text(page)))
    return pages, pieces


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    seconds, layout_seconds = [], []
    for _ in range(rounds):
        begin = time.perf_counter()
        pages, pieces = read(sys.argv[1], lambda page: page.get_text())
        between = time.perf_counter()
        read(sys.argv[1], with_layout)
        seconds.append(between - begin)
        layout_seconds.append(time.perf_counter() - between)
    figures = {"seconds": seconds, "layout_seconds": layout_seconds, "pages": pages, "pieces": pieces}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
