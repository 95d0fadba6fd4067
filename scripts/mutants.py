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
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock, Timer

import mutant_files
from mutant_files import Mutant, MutantError

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "Tests" / "Mutants"
# Those that no search has found: they are kept in step with the code, and searched for where that is asked.
UNSEEN = FOLDER / "unseen"
WORK = ROOT / ".build" / "mutants"
RESULTS = WORK / "results.jsonl"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
# More seeds than any search comes to.
SEEDS_MAX = 1_000_000


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
class World:
    """What became of the world of one seed."""
    seed: int
    events: int = 0
    # The promise that was broken, with what was seen; None where all held.
    violation: str | None = None


def worlds(program: Path, number: int, first: int, options: list[str], deadline: float):
    """The worlds of the seeds from `first` on, with a mutant in them or none (0), until the time is over.

    The simulator tells each world in one line of JSON. A process that ends itself in one is started again behind it.
    """
    environment = {**os.environ, "APUS_MUTANT": str(number), "SWIFT_BACKTRACE": "enable=no"}
    seed = first
    while time.monotonic() < deadline:
        process = subprocess.Popen(
            [str(program), "simulate", "--worker", "--seeds", f"{seed}..{first + SEEDS_MAX}", *options],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        alarm = Timer(max(0.1, deadline - time.monotonic()), process.kill)
        alarm.start()
        try:
            for told in process.stdout:
                if told.startswith("begin "):
                    seed = int(told.split()[1])
                elif told.startswith("{"):
                    world = json.loads(told)
                    broken = f"{world['broken']}: {world['detail']}" if world.get("broken") else None
                    yield World(world["seed"], world["events"], broken)
            process.wait()
            if process.returncode < 0 and time.monotonic() < deadline:
                yield World(seed, violation=f"the node's own check: the process ended by signal {-process.returncode}")
            seed += 1
        finally:
            alarm.cancel()
            process.kill()
            process.wait()


class Control:
    """The same program without a mutant: only seeds count in whose worlds nothing is broken then."""

    def __init__(self, program: Path) -> None:
        self.program = program
        self.violations: dict[tuple[int, str], str | None] = {}
        self.lock = Lock()

    def holds(self, seed: int, options: list[str]) -> bool:
        key = (seed, " ".join(options))
        with self.lock:
            if key not in self.violations:
                world = next(worlds(self.program, 0, seed, options, time.monotonic() + 300), None)
                self.violations[key] = world.violation if world else "no end"
            return self.violations[key] is None

    @property
    def failures(self) -> list[tuple[int, str]]:
        return sorted((seed, violation) for (seed, _), violation in self.violations.items() if violation is not None)


def search(program: Path, mutant: Mutant, options: argparse.Namespace, control: Control, digest: str) -> Result:
    """Looks at one seed after the other until one shows the mutant or the time is over."""
    result = Result(mutant.name, digest)
    started = time.monotonic()
    first = options.first_seed or mutant.seed or 1
    for world in worlds(program, mutant.number, first, mutant.options, started + options.seconds):
        result.seconds = time.monotonic() - started
        if world.violation and control.holds(world.seed, mutant.options):
            result.seed, result.events, result.found_by = world.seed, world.events, world.violation
            return result
    result.seconds = time.monotonic() - started
    return result


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
    return f"{result.name:36} {seed:>12} {result.events:>9} events {result.seconds:>6.1f} s  {result.found_by[:150]}"


def table(mutants: list[Mutant], results: dict[str, Result]) -> str:
    text = "| bug | seed | events | seconds | found by |\n|---|--:|--:|--:|---|\n"
    for mutant in mutants:
        result = results.get(mutant.name)
        if result is None:
            continue
        seed = "-" if result.seed is None else str(result.seed)
        events = "-" if result.seed is None else f"{result.events:,}"
        found_by = "not found" if result.seed is None else result.found_by.partition(": ")[0]
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
    parser.add_argument("--first-seed", type=int, help="where each search begins; at its mutant's own seed where not given")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run found")
    parser.add_argument("--unseen", action="store_true", help="search for those that nothing has found yet")
    parser.add_argument("--check", action="store_true", help="only see whether each mutant applies")
    parser.add_argument("--plain", metavar="NAME", help="only build one mutant as a patch of its own")
    parser.add_argument("--write-table", action="store_true", help="put the table into Tests/Mutants/README.md")
    options = parser.parse_args()
    seen, unseen = mutant_files.read_all(FOLDER), mutant_files.read_all(UNSEEN)
    mutants = mutant_files.distinct(seen + unseen)
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
    return run(mutants, chosen(unseen if options.unseen else seen, options.only), options)


def run(mutants: list[Mutant], wanted: list[Mutant], options: argparse.Namespace) -> int:
    tree = WORK / "tree"
    copy_tree(tree, weave(mutants))
    program = build(tree)
    digest = hashlib.sha256(program.read_bytes()).hexdigest()[:16]
    results = {} if options.fresh else saved(digest)
    open_searches = [mutant for mutant in wanted if mutant.name not in results]
    control = Control(program)
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        searches = [pool.submit(search, program, mutant, options, control, digest) for mutant in open_searches]
        for done in as_completed(searches):
            result = done.result()
            print(line(result), flush=True)
            results[result.name] = result
            save(result)
    found = sum(1 for mutant in wanted if results[mutant.name].seed is not None)
    text = table(wanted, results)
    summary = f"{found} of {len(wanted)} found"
    print("\n" + text)
    for seed, violation in control.failures:
        print(f"without a mutant seed {seed} fails: {violation}")
    if options.write_table:
        write_table(text, summary)
    print(summary)
    return 0 if found == len(wanted) and not control.failures else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MutantError as error:
        sys.exit(str(error))
