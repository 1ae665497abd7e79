"""Pseudonyms of names: of routers, ports and bridges."""
import re

WORD = re.compile(r"[\w.-]+")
AROUND = ".-_"
NAMESPACE = "snat-"
ROLES = ("qg-", "sg-")
# What the tools themselves say, whoever is called so, too.
EVERYWHERE = {"lo", "all", "default", ""}


class Names:
    """By kind and number, such as router-3; what tells a port's role stays."""

    def __init__(self, by_kind):
        self.pseudonyms = {}
        for kind, names in by_kind.items():
            for name in sorted(set(names) - EVERYWHERE):
                self._add(kind, name)
        # What words are not made of is looked for as it is.
        strange = sorted((name for name in self.pseudonyms
                          if not WORD.fullmatch(name)), key=len, reverse=True)
        self.strange = re.compile("|".join(map(re.escape, strange)) or r"(?!)")

    def _add(self, kind, name):
        role = next((role for role in ROLES if name.startswith(role)),
                    f"{kind}-")
        number = len(self.pseudonyms) + 1
        self.pseudonyms.setdefault(name, f"{role}{number}")

    def __call__(self, text, seen):
        """The text with pseudonyms; what was replaced is added to seen."""
        def remember(word):
            seen[word] = self.pseudonyms[word]
            return seen[word]

        def replace(match):
            return self._word(match[0], remember)

        return WORD.sub(replace, self.strange.sub(
            lambda match: remember(match[0]), text))

    def _word(self, word, remember):
        """A name may be the namespace's, end a sentence, or be part of the
        name of a file."""
        if word in self.pseudonyms:
            return remember(word)
        if word.startswith(NAMESPACE):
            return NAMESPACE + self._word(word.removeprefix(NAMESPACE),
                                          remember)
        if (name := word.strip(AROUND)) in self.pseudonyms:
            return word.replace(name, remember(name))
        return self._parts(word.split("."), remember)

    def _parts(self, parts, remember):
        """Of demo.txt the first part is a name, of v1.demo.txt two may be."""
        for many in range(len(parts) - 1, 0, -1):
            if (name := ".".join(parts[:many])) in self.pseudonyms:
                return ".".join((remember(name), self._parts(parts[many:],
                                                             remember)))
        if len(parts) == 1:
            name = parts[0]
            return remember(name) if name in self.pseudonyms else name
        return f"{parts[0]}.{self._parts(parts[1:], remember)}"
