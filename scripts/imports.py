#!/usr/bin/env python3
"""Compares the imports of every target with the manifest, and the manifest with the order of the levels.

A target imports only what it lists, lists only what it imports and what stands above it, and a pure target imports
nothing of the world. Prints one line for each violation and exits with 1 where there is one.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLCHAIN = {"Swift", "Synchronization", "Glibc", "Foundation", "FoundationEssentials", "Dispatch", "Testing"}
PURE = {
    "ApusCore", "Configuration", "StateMachine", "Raft", "Authorization", "ClusterMetadata", "Controller",
    "Replication", "Groups", "Transactions",
}
WORLD = {"Glibc", "Foundation", "FoundationEssentials", "Dispatch"}
IMPORT = re.compile(r"^(?:@\w+(?:\(\w+\))? )?(?:(?:public|package|internal|fileprivate|private) )?import (?:\w+ )?(\w+)", re.M)


def main() -> int:
    dump = subprocess.run(["swift", "package", "dump-package"], cwd=ROOT, check=True, capture_output=True, text=True)
    targets = json.loads(dump.stdout)["targets"]
    order = {target["name"]: index for index, target in enumerate(targets)}
    # A test may start a program that it does not import.
    programs = {target["name"] for target in targets if target["type"] == "executable"}
    found = []
    for target in targets:
        name = target["name"]
        if target["type"] == "system":
            continue
        folder = ROOT / (target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + name)
        listed = {next(iter(dependency.values()))[0] for dependency in target["dependencies"]}
        imported = set()
        for file in sorted(folder.rglob("*.swift")):
            for module in IMPORT.findall(file.read_text(encoding="utf-8")):
                imported.add(module)
                path = file.relative_to(ROOT)
                if module not in listed | TOOLCHAIN:
                    found.append(f"{path}: imports {module}, which the manifest does not list for {name}")
                if name in PURE and module in WORLD:
                    found.append(f"{path}: {name} is pure and imports {module}")
        if any(folder.rglob("*.swift")):
            unused = sorted(listed - imported - programs)
            found += [f"Package.swift: {name} lists {module} and never imports it" for module in unused]
        if target["type"] != "test":
            below = [module for module in listed if order.get(module, -1) > order[name]]
            found += [f"Package.swift: {name} stands above {module} and may not depend on it" for module in sorted(below)]
    print("\n".join(found) if found else f"{len(targets)} targets keep to the manifest")
    return 1 if found else 0


sys.exit(main())
