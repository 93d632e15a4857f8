"""Compiles every manual of this folder to PDF. Called by samples/build.sh."""

import pathlib
import sys

import typst

# (source, output, inputs handed to the source)
JOBS = [
    ("hx7-operation-manual.typ", "hx7-operation-manual.pdf", {}),
    ("hx7-maintenance-manual.typ", "hx7-maintenance-manual.pdf", {}),
    ("hx7-operation-sop-ko.typ", "hx7-operation-sop-ko.pdf", {}),
    ("toxic-gas-sop-ko.typ", "toxic-gas-sop-ko.pdf", {}),
    ("mb3-effusion-cell-sop.typ", "mb3-effusion-cell-sop.pdf", {}),
    ("gas-cabinet-sop.typ", "gas-cabinet-sop-rev-c.pdf", {"revision": "C"}),
    ("gas-cabinet-sop.typ", "gas-cabinet-sop-rev-b.pdf", {"revision": "B"}),
]


def main(sources: str, out: str, fonts: str) -> None:
    only = sys.argv[4:]
    for source, target, inputs in JOBS:
        if only and target not in only:
            continue
        path = pathlib.Path(out) / target
        typst.compile(
            str(pathlib.Path(sources) / source),
            output=str(path),
            root=sources,
            font_paths=[fonts],
            ignore_system_fonts=True,
            sys_inputs=inputs,
            timestamp=1735689600,  # the same bytes at every build
            pdf_tags=False,
        )
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:4])
