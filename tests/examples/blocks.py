"""The command lines of a document, as values.

Markdown (README.md, Documentation/*.md):
  ```console   a session: lines that begin with "$ " are commands, what is
               between them is what they print
  ```sh        commands only, as are blocks that are indented by four spaces
  ```text      no commands, as in those of WITHOUT_COMMANDS
  <!-- $ ... -->  each line that begins with "$ " is run, though readers do not
               see it: what a text takes for granted

Manual pages: what is displayed (.nf or .EX) is a session if a line of it
begins with "$ ", else commands; unless its first line is the comment
.\\" text.  Lines .\\" $ ... are run and not seen.  In the schema's XML it is
<pre>, and <!-- $ ... -->.

A command that ends with a backslash goes on in the next line.  In what a
session prints, "..." stands for any text, and alone on a line for any lines.
Every command must succeed, but where the next one of a session is "echo $?"."""
import dataclasses
import re

COMMANDS = {"sh", "bash"}
SESSION = "console"
WITHOUT_COMMANDS = {"text", "json", "yaml", "ini", "dot", "promql", "xml"}


@dataclasses.dataclass
class Command:
    text: str
    line: int            # Where it stands, from 1.
    section: str
    printed: list = None  # The lines below it, or None: no matter what.
    end: int = 0         # The first line, from 0, that is not printed by it.


@dataclasses.dataclass
class Block:
    kind: str            # "session", "commands" or "hidden".
    section: str
    lines: list          # (number from 0, text), as it is to be typed.


def slug(heading):
    """As GitHub makes anchors of headings."""
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).lower())
    return kept.strip().replace(" ", "-")


def hidden(lines, number, section):
    """A comment of Markdown or XML that begins at this line."""
    block = Block("hidden", section, [])
    while number < len(lines):
        text = lines[number].replace("<!--", "").replace("-->", "").strip()
        if text.startswith("$ ") or (block.lines and text):
            block.lines.append((number, text.removeprefix("$ ")))
        if "-->" in lines[number]:
            break
        number += 1
    return block, number + 1


def fenced(lines, number, section):
    language = lines[number].strip().removeprefix("```")
    block = Block("", section, [])
    number += 1
    while lines[number].strip() != "```":
        block.lines.append((number, lines[number]))
        number += 1
    if language == SESSION:
        block.kind = "session"
    elif language in COMMANDS:
        block.kind = "commands"
    elif language not in WITHOUT_COMMANDS:
        raise ValueError(f"line {number}: a block of \"{language}\": expected "
                         f"{SESSION}, sh, or text")
    return block, number + 1


def indented(lines, number, section):
    block = Block("commands", section, [])
    while number < len(lines) and re.match(r" {4}|$", lines[number]):
        block.lines.append((number, lines[number][4:]))
        number += 1
    return block, number


def markdown_blocks(lines):
    section, number = "top", 0
    while number < len(lines):
        line = lines[number]
        block = None
        if line.startswith("#"):
            section = slug(line.lstrip("#"))
        if line.startswith("<!--"):
            block, number = hidden(lines, number, section)
        elif line.startswith("```"):
            block, number = fenced(lines, number, section)
        elif line.startswith("    ") and not lines[number - 1].strip():
            block, number = indented(lines, number, section)
        else:
            number += 1
        if block and block.kind:
            yield block


def typed(line):
    """What a line of a manual page looks like."""
    line = re.sub(r"\\f[BIRP]", "", line)
    for escape, text in (("\\&", ""), ("\\-", "-"), ("\\(aq", "'"),
                         ("\\(ti", "~"), ("\\(ha", "^"), ("\\e", "\\")):
        line = line.replace(escape, text)
    return line


def escaped(line):
    """The inverse of typed()."""
    line = line.replace("\\", "\\e").replace("-", "\\-")
    for text, escape in (("'", "\\(aq"), ("~", "\\(ti"), ("^", "\\(ha")):
        line = line.replace(text, escape)
    return "\\&" + line if line.startswith(".") else line


def manual_blocks(lines):
    section, display = "top", None
    for number, line in enumerate(lines):
        if line.startswith((".SH", ".SS")):
            section = slug(typed(line[3:]).replace('"', ""))
        elif line.startswith('.\\" $ '):
            yield Block("hidden", section, [(number, line[6:])])
        elif line in (".nf", ".EX"):
            display = Block("commands", section, [])
        elif line in (".fi", ".EE"):
            yield display
            display = None
        elif display and line == '.\\" text':
            display.kind = "text"
        elif display:
            display.lines.append((number, typed(line)))
            if line.startswith("$ ") and display.kind == "commands":
                display.kind = "session"


def xml_blocks(lines):
    section, number = "top", 0
    while number < len(lines):
        line = lines[number]
        if table := re.search(r'<table name="(\w+)"', line):
            section = table[1]
        if re.search(r"<!-- \$|<!--$", line):
            block, number = hidden(lines, number, section)
            yield block
        elif "<pre>" in line:
            block = Block("commands", section, [])
            while "</pre>" not in lines[number]:
                text = lines[number].replace("<pre>", "").strip()
                block.lines.append((number, text))
                number += 1
            yield block
        else:
            number += 1


def commands_of(block):
    """Those of a block, with what they print."""
    session, command, goes_on = block.kind == "session", None, False
    for number, text in block.lines:
        if goes_on:
            command.text += "\n" + text.removeprefix("> ")
            command.end = number + 1
        elif session and not text.startswith("$ "):
            if not command:
                raise ValueError(f"line {number + 1}: expected \"$ \" and a "
                                 "command first")
            command.printed.append(text)
            command.end = number + 1
            continue
        elif text.strip() and not text.lstrip().startswith("#"):
            command = Command(text.removeprefix("$ ") if session else text,
                              number + 1, block.section,
                              [] if session else None, number + 1)
            yield command
        goes_on = text.endswith("\\")


def commands(name, text):
    """All commands of a document, in their order."""
    lines = text.split("\n")
    parse = (markdown_blocks if name.endswith(".md") else
             xml_blocks if name.endswith(".xml") else manual_blocks)
    return [command for block in parse(lines)
            if block.kind != "text" for command in commands_of(block)]


def rewritten(name, text, answers):
    """The document with other things printed: pairs of a command and what it
    has printed."""
    lines = text.split("\n")
    for command, printed in reversed(answers):
        if not name.endswith(".md"):
            printed = [escaped(line) for line in printed]
        start = command.end - len(command.printed)
        lines[start:command.end] = printed
    return "\n".join(lines)
