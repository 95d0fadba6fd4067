#!/usr/bin/env python3
"""Whether the simulator finds bugs: deliberate ones, each applied to a copy of the sources and searched for by seed.

    scripts/mutants.py                     all of them; what an interrupted run has found is kept
    scripts/mutants.py --only NAME ...     some of them, by number or a part of the name
    scripts/mutants.py --check             only whether each still applies to the sources
    scripts/mutants.py --plain NAME        build one as an ordinary patch of its own

Prints a line for each as it is found, then a table, and ends with `N of N found`. Exits with 1 where one was not found,
or where the copy fails without any mutant. How mutants are written: scripts/mutant_files.py.
"""
import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import mutant_files
from mutant_files import Mutant, MutantError

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "Tests" / "Mutants"
WORK = ROOT / ".build" / "mutants"
RESULTS = WORK / "results.jsonl"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
# Seeds that one process is given: so many are looked at again one by one when it crashes.
SEEDS_AT_ONCE = 8


@dataclass
class Result:
    name: str
    digest: str
    seed: int | None = None
    events: int = 0
    seconds: float = 0
    found_by: str = ""


# The copy of the sources

def source_files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "Sources", "Package.swift"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    return sorted({path for path in listed if path and (ROOT / path).is_file()})


def copy_tree(tree: Path, change) -> None:
    """Makes `tree` a copy of the sources, each file as `change` has it; what is the same already is not touched."""
    files = source_files()
    for path in files:
        write(tree / path, change(path, (ROOT / path).read_bytes()))
    write(tree / "Sources" / "ApusCore" / "ActiveMutant.swift", mutant_files.ACTIVE_SOURCE.encode())
    known = {tree / path for path in files} | {tree / "Sources" / "ApusCore" / "ActiveMutant.swift"}
    for path in (tree / "Sources").rglob("*"):
        if path.is_file() and path not in known:
            path.unlink()
    if not (tree / "Tests").exists():
        (tree / "Tests").symlink_to(ROOT / "Tests")


def write(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def weave(mutants: list[Mutant]):
    changed = {edit.path for mutant in mutants for edit in mutant.edits}

    def change(path: str, content: bytes) -> bytes:
        if path not in changed:
            return content
        return mutant_files.weave_file(path, content.decode(), mutants).encode()
    return change


def patch(mutant: Mutant):
    def change(path: str, content: bytes) -> bytes:
        lines = content.decode().split("\n")
        for edit in mutant.edits:
            if edit.path == path:
                start = mutant_files.place(edit, lines, mutant.name)
                lines[start:start + len(edit.find)] = edit.replace
        return "\n".join(lines).encode()
    return change


def build(tree: Path) -> Path:
    started = time.monotonic()
    print(f"building {tree.relative_to(ROOT)}", flush=True)
    command = [os.environ.get("SWIFT", "swift"), "build", "-c", "release", "--product", "apus"]
    output = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if output.returncode != 0:
        errors = [line for line in output.stdout.split("\n") if "error:" in line]
        sys.exit("\n".join(errors or [output.stdout]) + "\nthe copy does not build")
    print(f"built in {time.monotonic() - started:.0f} s", flush=True)
    return tree / ".build" / "release" / "apus"


# The search

@dataclass
class Run:
    """What one process of the simulator told."""
    failures: list[dict]
    crash: str | None = None
    is_cut_short: bool = False


def simulate(program: Path, number: int, arguments: list[str], timeout: float) -> Run:
    environment = {**os.environ, "APUS_MUTANT": str(number)}
    process = subprocess.Popen(
        [str(program), "simulate", *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True)
    try:
        output, errors = process.communicate(timeout=max(1, timeout))
        is_cut_short = False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        is_cut_short = True
    failures = [json.loads(line) for line in output.split("\n") if line.startswith("{")]
    crash = None
    if process.returncode < 0 and not is_cut_short:
        told = [line for line in errors.split("\n") if "Fatal error" in line or "Precondition" in line]
        crash = told[0].split("Fatal error: ")[-1] if told else f"ended by signal {-process.returncode}"
    elif process.returncode > 1 or (process.returncode == 1 and not failures):
        sys.exit(f"the simulator ended with {process.returncode}:\n{errors[-2000:]}")
    return Run(failures, crash, is_cut_short)


def search(program: Path, mutant: Mutant, options: argparse.Namespace, digest: str) -> Result:
    """Looks at one seed after the other until one shows the mutant or the time is over."""
    result = Result(mutant.name, digest)
    started = time.monotonic()
    seed = options.first_seed
    while (left := options.seconds - (time.monotonic() - started)) > 0:
        last = seed + SEEDS_AT_ONCE - 1
        run = simulate(program, mutant.number, ["--seeds", f"{seed}..{last}", *mutant.options], left)
        if run.crash:
            run = first_crash(program, mutant, seed, last)
        if run.failures:
            failure = min(run.failures, key=lambda failure: failure["seed"])
            result.seed = failure["seed"]
            result.events = failure.get("events", 0)
            result.found_by = failure["invariant"]
            break
        seed = last + 1
    result.seconds = round(time.monotonic() - started, 1)
    return result


def first_crash(program: Path, mutant: Mutant, first: int, last: int) -> Run:
    """Finds the seed at which the process ended itself: a check of the node's own found the bug."""
    for seed in range(first, last + 1):
        run = simulate(program, mutant.number, ["--seeds", f"{seed}..{seed}", *mutant.options], 60)
        if run.crash:
            return Run([{"seed": seed, "invariant": f"the node's own check: {run.crash}"}])
        if run.failures:
            return run
    return Run([])


# The report

def saved(digest: str) -> dict[str, Result]:
    if not RESULTS.is_file():
        return {}
    results = [Result(**json.loads(line)) for line in RESULTS.read_text().split("\n") if line]
    return {result.name: result for result in results if result.digest == digest and result.seed is not None}


def save(result: Result) -> None:
    with RESULTS.open("a") as file:
        file.write(json.dumps(asdict(result)) + "\n")


def line(result: Result) -> str:
    seed = "not found" if result.seed is None else f"seed {result.seed}"
    return f"{result.name:36} {seed:>12} {result.events:>9} events {result.seconds:>6.1f} s  {result.found_by}"


def table(mutants: list[Mutant], results: dict[str, Result]) -> str:
    text = "| bug | seed | events | seconds | found by |\n|---|--:|--:|--:|---|\n"
    for mutant in mutants:
        result = results.get(mutant.name)
        if result is None:
            continue
        seed = "-" if result.seed is None else str(result.seed)
        events = "-" if result.seed is None else f"{result.events:,}"
        found_by = result.found_by.replace("|", "/") if result.seed is not None else "not found"
        text += f"| {mutant.name} | {seed} | {events} | {result.seconds:.1f} | {found_by} |\n"
    return text


def write_table(text: str, summary: str) -> None:
    readme = FOLDER / "README.md"
    before, _, rest = readme.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{text}\n{summary}\n\n{END}{after}")


def chosen(mutants: list[Mutant], names: list[str]) -> list[Mutant]:
    found = [mutant for mutant in mutants if any(name in mutant.name or name == str(mutant.number) for name in names)]
    return found if names else mutants


def main() -> int:
    parser = argparse.ArgumentParser(description="search for deliberate bugs with the simulator")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only mutants whose name has this in it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many are searched for at once")
    parser.add_argument("--seconds", type=float, default=60, help="how long each is searched for")
    parser.add_argument("--first-seed", type=int, default=1, help="where each search begins")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run found")
    parser.add_argument("--check", action="store_true", help="only see whether each mutant applies")
    parser.add_argument("--plain", metavar="NAME", help="only build one mutant as a patch of its own")
    parser.add_argument("--write-table", action="store_true", help="put the table into Tests/Mutants/README.md")
    options = parser.parse_args()
    mutants = mutant_files.read_all(FOLDER)
    if options.check:
        change = weave(mutants)
        for path in sorted({edit.path for mutant in mutants for edit in mutant.edits}):
            change(path, (ROOT / path).read_bytes())
        print(f"{len(mutants)} mutants apply")
        return 0
    if options.plain:
        for mutant in chosen(mutants, [options.plain]):
            copy_tree(WORK / "plain", patch(mutant))
            build(WORK / "plain")
        return 0
    return run(mutants, chosen(mutants, options.only), options)


def run(mutants: list[Mutant], wanted: list[Mutant], options: argparse.Namespace) -> int:
    tree = WORK / "tree"
    copy_tree(tree, weave(mutants))
    program = build(tree)
    digest = hashlib.sha256(program.read_bytes()).hexdigest()[:16]
    results = {} if options.fresh else saved(digest)
    open_searches = [mutant for mutant in wanted if mutant.name not in results]
    control = Mutant(0, "no mutant")
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        for result in pool.map(lambda mutant: search(program, mutant, options, digest), [control, *open_searches]):
            print(line(result), flush=True)
            if result.name == control.name:
                control_result = result
                continue
            results[result.name] = result
            save(result)
    found = sum(1 for mutant in wanted if results[mutant.name].seed is not None)
    text = table(wanted, results)
    summary = f"{found} of {len(wanted)} found"
    print("\n" + text)
    if control_result.seed is not None:
        print(f"without a mutant seed {control_result.seed} fails: {control_result.found_by}")
    if options.write_table:
        write_table(text, summary)
    print(summary)
    return 0 if found == len(wanted) and control_result.seed is None else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MutantError as error:
        sys.exit(str(error))
