"""Reading documents at the limits: hostile and mutated files, a thousand pages, ten thousand unchanged files.

    python3 benches/limits.py --program target/dist/epibot --shared ../shared [--pdfium LIBRARY] [mutations pages rescan]

Standard library only. Memory is sampled from /proc every 20 ms: the sum over the program and its reading processes, and
the peak of one reading process (VmHWM). `pages` needs `pdfunite` of poppler-utils.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time

MUTATIONS = 2000
UNCHANGED = 10_000
SEED = 20260101


def status(pid):
    """Returns the resident memory of a process and its peak, in MiB, and its parent."""
    found = {}
    try:
        for line in open(f"/proc/{pid}/status"):
            key, _, value = line.partition(":")
            if key in ("PPid", "VmRSS", "VmHWM"):
                found[key] = int(value.split()[0])
    except (OSError, ValueError):
        return None
    if "VmRSS" not in found:
        return None
    return found["VmRSS"] / 1024, found["VmHWM"] / 1024, found["PPid"]


class Memory(threading.Thread):
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.running = pid, True
        self.sum, self.child, self.own = 0.0, 0.0, 0.0

    def run(self):
        while self.running:
            total = 0.0
            for name in os.listdir("/proc"):
                if not name.isdigit():
                    continue
                found = status(name)
                if found is None:
                    continue
                resident, peak, parent = found
                if int(name) == self.pid:
                    total, self.own = total + resident, max(self.own, peak)
                elif parent == self.pid:
                    total, self.child = total + resident, max(self.child, peak)
            self.sum = max(self.sum, total)
            time.sleep(0.02)


def reindex(arguments, home, folder, *options, **extract):
    lines = [f'[data]\ndir = "{home}/data"\n[[sources]]\nname = "x"\npath = "{folder}"\ncollection = "x"\n[extract]']
    lines += [f"{key} = {value}" for key, value in extract.items()]
    if arguments.pdfium:
        lines.append(f'pdfium = "{arguments.pdfium}"')
    config = home / "epibot.toml"
    config.write_text("\n".join(lines) + "\n")
    begin = time.monotonic()
    process = subprocess.Popen(
        [arguments.program, "--config", config, "--json", "reindex", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    memory = Memory(process.pid)
    memory.start()
    output, errors = process.communicate()
    memory.running = False
    memory.join()
    seconds = time.monotonic() - begin
    assert process.returncode in (0, 1), errors.decode()
    return json.loads(output), seconds, memory


def mutate(content, rng):
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        if not content:
            break
        at = rng.randrange(len(content))
        length = min(len(content) - at, rng.choice([1, 2, 8, 64, 512]))
        kind = rng.randrange(6)
        if kind == 0:
            content[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[at : at + length] = rng.randbytes(length)
        elif kind == 2:
            del content[at : at + length]
        elif kind == 3:
            del content[at:]
        elif kind == 4:
            content[at:at] = content[at : at + length] * rng.choice([1, 2, 50])
        else:
            for number in (b"0", b"-1", b"65535", b"4294967295"):
                found = content.find(number, at)
                if found >= 0:
                    content[found : found + len(number)] = b"99999999999"
                    break
    return bytes(content)


def mutations(arguments, home):
    rng = random.Random(SEED)
    folder = home / "documents"
    folder.mkdir()
    originals = []
    for root in (pathlib.Path("samples/documents"), arguments.shared / "corpus"):
        originals += [file for file in sorted(root.rglob("*")) if file.is_file() and file.stat().st_size < 1_200_000]
    for number in range(MUTATIONS):
        original = originals[number % len(originals)]
        (folder / f"{number:04}{original.suffix}").write_bytes(mutate(original.read_bytes(), rng))
    bad = list((arguments.shared / "corpus/bad").iterdir())
    for file in bad:
        shutil.copy(file, folder / f"bad-{file.name}")
    limit = 20
    report, seconds, memory = reindex(arguments, home, folder, timeout_s=limit, memory_mb=512, ocr_languages='""')
    total = MUTATIONS + len(bad)
    read, failed = report["documents"], len(report["failed"])
    print(f"mutations: {total} files, {read} read, {failed} reported, {seconds:.0f} s")
    assert read + failed == total, "a file is neither read nor reported"
    slow = [failure for failure in report["failed"] if "took longer" in failure["reason"]]
    dead = [failure for failure in report["failed"] if "process ended" in failure["reason"]]
    print(f"  {len(slow)} cut off at {limit} s, {len(dead)} ended their reading process")
    print(f"  peak memory of one reading process: {memory.child:.0f} MiB (limit 512); the program itself: {memory.own:.0f} MiB")
    again, seconds, _ = reindex(arguments, home, folder, timeout_s=limit, memory_mb=512, ocr_languages='""')
    assert again["documents"] == read, "the second run differs"


def pages(arguments, home):
    folder = home / "documents"
    folder.mkdir()
    corpus = arguments.shared / "corpus/pdf"
    names = ["en_debian_install", "ko_debian_install", "en_r_exts", "en_amt_handbook", "de_geotopo"]
    parts, count = [], 0
    while count < 1000:
        part = corpus / f"{names[len(parts) % len(names)]}.pdf"
        info = subprocess.run(["pdfinfo", part], capture_output=True, text=True, check=True).stdout
        count += int(info.split("Pages:")[1].split()[0])
        parts.append(part)
    subprocess.run(["pdfunite", *parts, folder / "large.pdf"], check=True)
    report, seconds, memory = reindex(arguments, home, folder)
    print(f"pages: {report['pages']} pages, {report['passages']} passages, {seconds:.1f} s")
    print(f"  peak memory: {memory.sum:.0f} MiB all processes together; {memory.own:.0f} MiB the program, {memory.child:.0f} MiB one reading process")


def rescan(arguments, home):
    folder = home / "documents"
    folder.mkdir()
    for number in range(UNCHANGED):
        below = folder / f"{number % 100:02}"
        below.mkdir(exist_ok=True)
        (below / f"{number:05}.txt").write_text(f"Note {number}: check the valve V{number}.\n")
    first, seconds, _ = reindex(arguments, home, folder)
    print(f"rescan: {first['added']} files indexed in {seconds:.1f} s")
    again, seconds, _ = reindex(arguments, home, folder)
    assert again["unchanged"] == UNCHANGED
    print(f"  scanned again, unchanged, in {seconds:.2f} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--shared", type=pathlib.Path, required=True)
    parser.add_argument("--pdfium", default="")
    parser.add_argument("what", nargs="*", default=["mutations", "pages", "rescan"])
    arguments = parser.parse_args()
    for name in arguments.what:
        with tempfile.TemporaryDirectory() as home:
            {"mutations": mutations, "pages": pages, "rescan": rescan}[name](arguments, pathlib.Path(home))


if __name__ == "__main__":
    main()
