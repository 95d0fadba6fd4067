"""Reading mutants, and weaving all of them into one tree of sources.

A mutant is a file in Tests/Mutants: a header, then for each place it changes the text to find and the text that takes
its place, as whole lines:

    Bug: A voter tells its vote without writing it down.
    Invariant: one leader in an epoch of the quorum
    Seed: 19

    File: Sources/Raft/Node/RaftNode+Elections.swift
    --- find
                    effects.persist(self.election)
    +++ replace

The text to find has to be there exactly once, within one function. So a reformatting elsewhere breaks no mutant, and a
change of the mutated code is noticed at once (`scripts/mutants.py --check`).

A build for each mutant would take minutes each. So all are woven into one copy of the sources, and one of them is
chosen when the program starts: a function that mutants change becomes `if mutant == 7 { changed body } else { body }`.
"""
import re
from dataclasses import dataclass, field
from pathlib import Path

ACTIVE = "ActiveMutant.number"
ACTIVE_SOURCE = """\
import Glibc

/// Which of the deliberate bugs woven into this copy of the sources is there: the number in `APUS_MUTANT`, 0 for none.
package enum ActiveMutant {
    package static let number = getenv("APUS_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0
}
"""

DECLARATION = re.compile(
    r"^ *(?:@\w+(?:\([^)]*\))? )*"
    r"(?:(?:package|public|private|fileprivate|internal|open|static|mutating|consuming|final|override) )*"
    r"(?:func |init[?(<]|var \w+: [^={]+\{)")


class MutantError(Exception):
    """A mutant that cannot be read or applied."""


@dataclass
class Edit:
    path: str
    find: list[str]
    replace: list[str]


@dataclass
class Mutant:
    number: int
    name: str
    bug: str = ""
    invariant: str = ""
    # Options of the search that the mutant needs, such as `--profile storage`.
    options: list[str] = field(default_factory=list)
    # Where its search begins: the seed that found it last. Another change of the simulator makes it one seed like any.
    seed: int | None = None
    edits: list[Edit] = field(default_factory=list)


def read(path: Path) -> Mutant:
    number, _, name = path.stem.partition("-")
    mutant = Mutant(int(number), name)
    file, block = "", None
    for line in path.read_text(encoding="utf-8").split("\n"):
        key, _, value = line.partition(": ")
        if line == "--- find":
            mutant.edits.append(Edit(file, [], []))
            block = mutant.edits[-1].find
        elif line == "+++ replace":
            block = mutant.edits[-1].replace
        elif key == "File":
            file, block = value, None
        elif block is not None:
            block.append(line)
        elif key in ("Bug", "Invariant"):
            setattr(mutant, key.lower(), value)
        elif key == "Options":
            mutant.options = value.split()
        elif key == "Seed":
            mutant.seed = int(value)
        elif line:
            raise MutantError(f"{path.name}: cannot read the line {line!r}")
    for edit in mutant.edits:
        for lines in (edit.find, edit.replace):
            while lines and not lines[-1]:
                lines.pop()
    if not (mutant.bug and mutant.invariant and mutant.edits and all(edit.find for edit in mutant.edits)):
        raise MutantError(f"{path.name}: needs Bug, Invariant and something to find")
    return mutant


def read_all(folder: Path) -> list[Mutant]:
    return [read(path) for path in sorted(folder.glob("*.mutant"))]


def distinct(mutants: list[Mutant]) -> list[Mutant]:
    """The same, each with a number of its own."""
    if len({mutant.number for mutant in mutants}) != len(mutants):
        raise MutantError("two mutants have the same number")
    return mutants


def place(edit: Edit, lines: list[str], name: str) -> int:
    """The index of the first of the lines that `edit` replaces."""
    count = len(edit.find)
    found = [index for index in range(len(lines) - count + 1) if lines[index:index + count] == edit.find]
    if len(found) != 1:
        raise MutantError(f"{name}: what it finds is {len(found)} times in {edit.path}, not once:\n" + "\n".join(edit.find))
    return found[0]


def indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


@dataclass(frozen=True)
class Body:
    """The lines between the braces of a function or a computed property; `first` > `last` on one line."""
    declaration: int
    first: int
    last: int


def enclosing(lines: list[str], first: int, last: int, name: str) -> Body:
    """The innermost declaration that holds the lines from `first` to `last`."""
    for start in range(first, -1, -1):
        if not DECLARATION.match(lines[start]):
            continue
        if lines[start].endswith("}") and " { " in lines[start]:
            if start == first == last:
                return Body(start, start + 1, start)
            continue
        opening = start
        while not (lines[opening].endswith("{") and indent(lines[opening]) == indent(lines[start])):
            opening += 1
        closing = opening + 1
        while lines[closing] != " " * indent(lines[start]) + "}":
            closing += 1
        if opening < first and last < closing:
            return Body(start, opening + 1, closing - 1)
    raise MutantError(f"{name}: what it replaces is not within one function:\n" + "\n".join(lines[first:last + 1]))


def weave_file(path: str, text: str, mutants: list[Mutant]) -> str:
    """The file with all changes that `mutants` make in it, each behind its number."""
    lines = text.split("\n")
    variants: dict[Body, list[tuple[int, list[str]]]] = {}
    for mutant in mutants:
        places = [(place(edit, lines, mutant.name), edit) for edit in mutant.edits if edit.path == path]
        bodies: dict[Body, list[tuple[int, Edit]]] = {}
        for start, edit in places:
            body = enclosing(lines, start, start + len(edit.find) - 1, mutant.name)
            bodies.setdefault(body, []).append((start, edit))
        for body, edits in bodies.items():
            changed = list(lines)
            growth = 0
            for start, edit in sorted(edits, key=lambda item: -item[0]):
                changed[start:start + len(edit.find)] = edit.replace
                growth += len(edit.replace) - len(edit.find)
            if body.first > body.last:
                content = [inner(changed[body.declaration])]
            else:
                content = changed[body.first:body.last + 1 + growth]
            variants.setdefault(body, []).append((mutant.number, content))
    for body in sorted(variants, key=lambda body: -body.declaration):
        lines[body.declaration:body.last + 1] = woven(lines, body, variants[body])
    if variants and not any(line.endswith("import ApusCore") for line in lines):
        lines.insert(0, "import ApusCore")
    return "\n".join(lines)


def inner(line: str) -> str:
    """What is between the braces of a declaration on one line."""
    return line[line.index(" { ") + 3:line.rindex(" }")]


def woven(lines: list[str], body: Body, variants: list[tuple[int, list[str]]]) -> list[str]:
    is_one_line = body.first > body.last
    declaration = lines[body.declaration:body.first]
    original = lines[body.first:body.last + 1]
    if is_one_line:
        declaration = [lines[body.declaration][:lines[body.declaration].index(" { ") + 2]]
        original = [inner(lines[body.declaration])]
    result = list(declaration)
    word = "if"
    for number, content in variants:
        result += [f"{word} {ACTIVE} == {number} {{", *content]
        word = "} else if"
    return result + ["} else {", *original, "}"] + (["}"] if is_one_line else [])
