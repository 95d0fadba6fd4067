#!/usr/bin/env python3
"""Rules of the tree that no compiler knows: sizes, names, what may not be written, what every target has.

Prints one line for each violation and exits with 1 where there is one. Generated files are exempt from sizes.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = {"Sources": 600, "Tests": 900, "Benchmarks": 600}
FUNCTION_LINES = 70
BANNED_WORDS = {"Manager", "Helper", "Utils", "Util", "Impl", "Base", "Data", "Info", "Common"}
ALLOW_LIST = ROOT / "scripts" / "unchecked-sendable.txt"

TYPE = re.compile(r"^\s*(?:[a-z@]+(?:\([a-z]+\))? )*(?:struct|class|enum|actor|protocol|typealias) ([A-Z]\w*)")
FUNCTION = re.compile(r"^(\s*)(?:@\w+(?:\([^)]*\))? )*(?:[a-z]+(?:\([a-z]+\))? )*(?:func |init[?(<]|deinit\b|subscript)")
UNCHECKED = re.compile(r"@unchecked Sendable|nonisolated\(unsafe\)")
FORBIDDEN = [
    (re.compile(r"\btry\?"), "try? hides an error"),
    (re.compile(r"\btry!"), "try! crashes on an error"),
    (re.compile(r"\bfatalError\("), "use preconditionFailure or a typed error"),
    (re.compile(r"\bcatch \{\s*\}"), "an empty catch hides an error"),
]


def tracked(*patterns: str) -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    paths = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    return sorted({path for path in paths if path and (ROOT / path).is_file()})


def words(name: str) -> list[str]:
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name)


def function_lengths(lines: list[str]):
    """The first line and the length of every function; the formatter puts its closing brace under its first letter."""
    for index, line in enumerate(lines):
        match = FUNCTION.match(line)
        if not match:
            continue
        indent = match.group(1)
        body = index
        while body < len(lines) and not lines[body].rstrip().endswith("{"):
            if lines[body].rstrip().endswith("}") or (body > index and not lines[body].startswith(indent)):
                break
            body += 1
        if body >= len(lines) or not lines[body].rstrip().endswith("{"):
            continue
        for end in range(body + 1, len(lines)):
            if lines[end].rstrip() == indent + "}":
                yield index + 1, end - index + 1
                break


def check_swift(path: str, allowed: set[str]) -> list[str]:
    found = []
    top = path.split("/")[0]
    lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
    limit = FILE_LINES.get(top)
    if limit and len(lines) - 1 > limit:
        found.append(f"{path}: {len(lines) - 1} lines, {limit} are allowed")
    for number, length in function_lengths(lines):
        if length > FUNCTION_LINES and top == "Sources":
            found.append(f"{path}:{number}: a function of {length} lines, {FUNCTION_LINES} are allowed")
    for number, line in enumerate(lines, 1):
        code = line.split("//")[0]
        match = TYPE.match(code)
        if match and BANNED_WORDS & set(words(match.group(1))):
            found.append(f"{path}:{number}: {match.group(1)}: name the job, not {', '.join(sorted(BANNED_WORDS & set(words(match.group(1)))))}")
        if top != "Sources":
            continue
        if UNCHECKED.search(code):
            if path not in allowed:
                found.append(f"{path}:{number}: {UNCHECKED.search(code).group(0)} is not in {ALLOW_LIST.name}")
            around = lines[max(0, number - 6):number]
            if not any("//" in near for near in around):
                found.append(f"{path}:{number}: {UNCHECKED.search(code).group(0)} without its proof in a comment above")
        for pattern, reason in FORBIDDEN:
            if pattern.search(code):
                found.append(f"{path}:{number}: {reason}")
    return found


def check_allow_list(swift: list[str], allowed: set[str]) -> list[str]:
    used = {path for path in swift if path.startswith("Sources/") and UNCHECKED.search((ROOT / path).read_text())}
    return [f"{ALLOW_LIST.name}: {path} needs no entry any more" for path in sorted(allowed - used)]


def check_targets() -> list[str]:
    found = []
    for folder in sorted((ROOT / "Sources").iterdir()):
        if folder.is_dir() and any(folder.rglob("*.swift")) and not (folder / "README.md").is_file():
            found.append(f"Sources/{folder.name}: has no README.md")
    return found


def main() -> int:
    allowed = set()
    if ALLOW_LIST.is_file():
        entries = [line.split("#")[0].strip() for line in ALLOW_LIST.read_text().split("\n")]
        allowed = {entry for entry in entries if entry}
    swift = [path for path in tracked("*.swift") if "/Generated/" not in path]
    found = [violation for path in swift for violation in check_swift(path, allowed)]
    found += check_allow_list(swift, allowed) + check_targets()
    print("\n".join(found) if found else f"{len(swift)} files keep the rules")
    return 1 if found else 0


sys.exit(main())
