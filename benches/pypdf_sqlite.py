"""Times the usual Python pipeline over a folder of PDFs: pypdf, LangChain's recursive splitter, SQLite FTS5.

    python3 benches/pypdf_sqlite.py FOLDER [ROUNDS [PROCESSES]]

Prints seconds of each round, pages and passages as JSON. Needs pypdf, fonttools (required by pypdf) and
langchain-text-splitters (measured with 7.1, 4.68 and 1.1). One process reads all files, as such pipelines usually do,
unless a number of processes is given. Starting Python and importing are not counted.
"""

import concurrent.futures
import json
import logging
import pathlib
import sqlite3
import sys
import tempfile
import time

import pypdf
from langchain_text_splitters import RecursiveCharacterTextSplitter

logging.disable(logging.CRITICAL)

SPLITTER = RecursiveCharacterTextSplitter(chunk_size=1200, chunk_overlap=150)


def read(file):
    """Returns the number of pages of a file, and its passages; none if it cannot be read."""
    rows, pages = [], 0
    try:
        for number, page in enumerate(pypdf.PdfReader(file).pages, 1):
            pages = number
            rows += [(file.name, number, piece) for piece in SPLITTER.split_text(page.extract_text())]
    except Exception:  # noqa: BLE001 (any failure of pypdf)
        pass
    return pages, rows


def run(folder, processes):
    begin = time.monotonic()
    files = sorted(folder.rglob("*.pdf"), key=lambda file: -file.stat().st_size)
    pages = 0
    with tempfile.TemporaryDirectory() as data, concurrent.futures.ProcessPoolExecutor(processes) as pool:
        index = sqlite3.connect(pathlib.Path(data, "index.sqlite"))
        index.execute("CREATE VIRTUAL TABLE passage USING fts5(file, page, text)")
        for count, rows in (pool.map if processes > 1 else map)(read, files):
            pages += count
            index.executemany("INSERT INTO passage VALUES (?, ?, ?)", rows)
        index.commit()
        passages = index.execute("SELECT count(*) FROM passage").fetchone()[0]
        index.close()
    return time.monotonic() - begin, pages, passages


if __name__ == "__main__":
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    processes = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    results = [run(pathlib.Path(sys.argv[1]), processes) for _ in range(rounds)]
    seconds = [result[0] for result in results]
    print(json.dumps({"seconds": seconds, "pages": results[0][1], "passages": results[0][2]}))
