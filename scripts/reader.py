"""Reads the window as a screen reader does; see try-reader."""

import sys
import time

import pyatspi


def below(node):
    yield node
    for child in node:
        if child is not None:
            yield from below(child)


def window():
    for application in pyatspi.Registry.getDesktop(0):
        if application is not None and "arclight" in (application.name or "").lower():
            return application
    return None


def wait(what, find, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := find():
                return found
        except Exception:  # The tree changes while it is read.
            pass
        time.sleep(0.5)
    sys.exit(f"not found: {what}")


def named(role, name):
    nodes = below(window())
    return next((node for node in nodes if node.getRoleName() == role and node.name == name), None)


application = wait("the window", window)
wait("a run", lambda: named("push button", "Run") or named("button", "Run"))
wait("the map", lambda: [node for node in below(window()) if node.name == "heads map"])
nodes = list(below(application))
controls = [node for node in nodes if node.getState().contains(pyatspi.STATE_FOCUSABLE)]
for node in controls:
    print(f"{node.getRoleName():14} {node.name}")
nameless = [node for node in controls if not node.name and not node.parent.name]
button = next(node for node in controls if node.name == "light")
button.queryAction().doAction(0)


def is_pressed():
    states = next(node for node in below(window()) if node.name == "light").getState()
    return states.contains(pyatspi.STATE_PRESSED) or states.contains(pyatspi.STATE_CHECKED)


wait("a button that has been pressed", is_pressed, 20)
print(f"{len(nodes)} nodes, {len(controls)} controls, {len(nameless)} of them without a name or a named group; a press was heard")
