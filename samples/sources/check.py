"""Checks the samples: the questions against the documents, the PDFs against
their promises. Needs pdftotext and pdfinfo (poppler-utils)."""

import html
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "documents"
problems = []


def squeeze(text):
    return re.sub(r"[\s\u2060\u200b*]+", "", text)


def page_text(path, page):
    run = subprocess.run(
        ["pdftotext", "-layout", "-f", str(page), "-l", str(page), str(path), "-"],
        capture_output=True, text=True, check=True)
    return run.stdout


def whole_text(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        text = html.unescape(re.sub(r"<[^>]+>", " ", text))
    return text


counts = {}
for number, line in enumerate((ROOT / "questions.jsonl").read_text(encoding="utf-8").splitlines(), 1):
    entry = json.loads(line)
    path = DOCS / entry["file"]
    if path.suffix == ".pdf":
        text = page_text(path, entry["page"])
        before = page_text(path, entry["page"] - 1)
    else:
        text, before = whole_text(path), ""
        if "page" in entry:
            problems.append(f"question {number}: a page for a file without pages")
    if squeeze(entry["evidence"]) not in squeeze(text):
        problems.append(f"question {number}: evidence not found: {entry['evidence']}")
    if squeeze(entry["section"]) not in squeeze(before + text):
        problems.append(f"question {number}: section not found: {entry['section']}")
    for other in entry.get("also", []):
        if not (DOCS / other["file"]).exists():
            problems.append(f"question {number}: no such file: {other['file']}")
    for key in ("cross", "code"):
        counts[key] = counts.get(key, 0) + bool(entry.get(key))
    counts[entry["language"]] = counts.get(entry["language"], 0) + 1

for line in (ROOT / "unanswerable.jsonl").read_text(encoding="utf-8").splitlines():
    json.loads(line)

pages = 0
for path in sorted(DOCS.glob("*.pdf")):
    info = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True).stdout
    pages += int(re.search(r"Pages:\s+(\d+)", info).group(1))
    if path.stat().st_size > 400_000:
        problems.append(f"{path.name}: larger than 400 kB")
    if not re.search(r"Title:\s+\S", info):
        problems.append(f"{path.name}: no title")

print(f"PDF pages: {pages}; questions: {counts}")
print("\n".join(problems) or "no problem found")
sys.exit(bool(problems))
