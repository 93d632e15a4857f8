"""The usual Python pipeline over a folder of PDFs: pypdf, a recursive splitter, SQLite FTS5.

    python3 benches/pypdf_sqlite.py FOLDER [ROUNDS [PROCESSES]]

Prints seconds of each round, pages and passages as JSON. Needs pypdf (measured with 7.1). One process reads all files,
as such pipelines usually do, unless a number of processes is given.
"""

import concurrent.futures
import json
import pathlib
import sqlite3
import sys
import time

SEPARATORS = ["\n\n", "\n", ". ", " ", ""]
SIZE = 1200


def split(text, separators=SEPARATORS):
    """As the recursive splitters of the common libraries do it."""
    if len(text) <= SIZE:
        return [text] if text.strip() else []
    separator = next((one for one in separators if one == "" or one in text), "")
    rest = separators[separators.index(separator) + 1 :] or [""]
    parts = list(text) if separator == "" else text.split(separator)
    pieces, piece = [], ""
    for part in parts:
        if len(part) > SIZE and separator != "":
            pieces += [piece] if piece.strip() else []
            pieces += split(part, rest)
            piece = ""
        elif len(piece) + len(separator) + len(part) > SIZE:
            pieces += [piece] if piece.strip() else []
            piece = part
        else:
            piece = piece + separator + part if piece else part
    return pieces + ([piece] if piece.strip() else [])


def read(file):
    import pypdf

    rows, pages = [], 0
    try:
        for number, page in enumerate(pypdf.PdfReader(file).pages, 1):
            pages += 1
            rows += [(str(file), number, piece) for piece in split(page.extract_text() or "")]
    except Exception:  # a file that it cannot read costs only itself
        pass
    return pages, rows


def run(folder, processes):
    begin = time.monotonic()
    files = sorted(folder.rglob("*.pdf"), key=lambda file: -file.stat().st_size)
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE passage USING fts5(file, page, text)")
    pages = 0
    with concurrent.futures.ProcessPoolExecutor(processes) as pool:
        for count, rows in (pool.map if processes > 1 else map)(read, files):
            pages += count
            index.executemany("INSERT INTO passage VALUES (?, ?, ?)", rows)
    index.commit()
    passages = index.execute("SELECT count(*) FROM passage").fetchone()[0]
    return time.monotonic() - begin, pages, passages


if __name__ == "__main__":
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    processes = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    results = [run(pathlib.Path(sys.argv[1]), processes) for _ in range(rounds)]
    seconds = [result[0] for result in results]
    print(json.dumps({"seconds": seconds, "pages": results[0][1], "passages": results[0][2]}))
