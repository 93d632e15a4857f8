"""Checks that answers cite the right page, end to end: real files, `epibot reindex`, `epibot ask`.

    python3 benches/pages.py --program target/dist/epibot --documents FOLDER --questions benches/pages.jsonl [--pdfium LIBRARY]

For each answered question, every quote of a PDF must be on its cited page, by pdftotext, and one of the citations must
name the page that contains the answer. Standard library only.
"""

import argparse
import json
import pathlib
import re
import subprocess
import tempfile
import unicodedata


def squash(text):
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text)).lower()


def page_text(file, page, cache={}):
    if (file, page) not in cache:
        command = ["pdftotext", "-f", str(page), "-l", str(page), file, "-"]
        cache[file, page] = squash(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return cache[file, page]


def overlap(quote, text):
    """Returns the share of the quote's words that are on the page; the order of labels in figures differs between readers."""
    words = [squash(word) for word in quote.split()]
    words = [word for word in words if len(word) > 1]
    return sum(word in text for word in words) / max(1, len(words))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--documents", type=pathlib.Path, required=True)
    parser.add_argument("--questions", type=pathlib.Path, required=True)
    parser.add_argument("--pdfium", default="")
    arguments = parser.parse_args()
    questions = [json.loads(line) for line in arguments.questions.read_text().splitlines() if line.strip()]
    questions = [question for question in questions if question.get("page") and question["file"].endswith(".pdf")]
    with tempfile.TemporaryDirectory() as home:
        config = pathlib.Path(home) / "epibot.toml"
        config.write_text(
            f'[data]\ndir = "{home}/data"\n[extract]\npdfium = "{arguments.pdfium}"\n'
            f'[[sources]]\nname = "x"\npath = "{arguments.documents.resolve()}"\ncollection = "x"\n'
        )
        program = [arguments.program, "--config", config, "--json"]
        subprocess.run([*program, "reindex"], capture_output=True)
        documents = json.loads(subprocess.run([*program, "documents", "list"], capture_output=True, check=True).stdout)
        files = {document["id"]: document for document in documents}
        answered, right, quotes, false = 0, 0, 0, 0
        for question in questions:
            answer = json.loads(
                subprocess.run([*program, "ask", question["question"]], capture_output=True, check=True).stdout
            )
            if answer["mode"] == "none_found":
                print("not answered:", question["question"])
                continue
            answered += 1
            places = [(question["file"], question["page"])]
            places += [(also["file"], also.get("page")) for also in question.get("also", [])]
            pages = {passage["id"]: passage["page"] for passage in answer["passages"]}
            cited = []
            for citation in answer["citations"]:
                document, page = files[citation["doc_id"]], pages.get(citation["passage"])
                if page is None:
                    continue
                cited.append((document["path"], page["number"]))
                quotes += 1
                if overlap(citation["quote"], page_text(document["file"], page["number"])) < 0.9:
                    false += 1
                    print(f"quote not on {cited[-1]}: {citation['quote'][:120]}")
            if any(place in cited for place in places):
                right += 1
            else:
                print(f"expected {places[0]}, cited {cited}: {question['question']}")
    print(f"{len(questions)} questions, {answered} answered, {right} with the expected page among the citations")
    print(f"{quotes} citations of pages, {false} whose quote is not on the cited page")


if __name__ == "__main__":
    main()
