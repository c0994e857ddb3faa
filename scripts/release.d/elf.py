"""What an ELF program of 64 bits, little-endian, says of itself: as much as the checks of a release need."""

import json
import struct
import zlib
from pathlib import Path

MACHINES = {62: "x86_64", 183: "aarch64"}
LOAD, DYNAMIC, INTERP = 1, 2, 3
GNU_STACK, GNU_RELRO = 0x6474E551, 0x6474E552


class Program:
    """A program's bytes, with its segments, sections and dynamic entries."""

    def __init__(self, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise ValueError("not an ELF program of 64 bits")
        self.data = data
        self.type, machine = struct.unpack_from("<HH", data, 16)
        self.machine = MACHINES.get(machine, str(machine))
        segments_at, sections_at = struct.unpack_from("<QQ", data, 32)
        size, count, section_size, section_count, names = struct.unpack_from("<HHHHH", data, 54)
        #: Kind, flags, and where it is in the file.
        self.segments = []
        for at in range(segments_at, segments_at + size * count, size):
            kind, flags, offset, _, _, length = struct.unpack_from("<IIQQQQ", data, at)
            self.segments.append((kind, flags, data[offset : offset + length]))
        heads = [
            struct.unpack_from("<IIQQQQ", data, sections_at + index * section_size) for index in range(section_count)
        ]
        table = data[heads[names][4] :][: heads[names][5]] if heads else b""
        #: The contents by name.
        self.sections = {
            table[name : table.index(b"\0", name)].decode(): data[offset : offset + length]
            for name, kind, _, _, offset, length in heads
            if kind != 8
        }

    @classmethod
    def read(cls, path):
        return cls(Path(path).read_bytes())

    def segment(self, wanted):
        return next(((flags, data) for kind, flags, data in self.segments if kind == wanted), None)

    def dynamic(self):
        """The entries of the dynamic section, the last of each tag."""
        found = self.segment(DYNAMIC)
        return dict(struct.iter_unpack("<QQ", found[1])) if found else {}

    def weaknesses(self):
        """What it is not, of what a static program should be, in words."""
        dynamic, stack = self.dynamic(), self.segment(GNU_STACK)
        now = dynamic.get(30, 0) & 8 or dynamic.get(0x6FFFFFFB, 0) & 1 or 24 in dynamic
        facts = {
            "static": not self.segment(INTERP) and 1 not in dynamic,
            "position-independent": self.type == 3,
            "without relocations that stay writable (full RELRO)": self.segment(GNU_RELRO) and now,
            "without a stack that can be executed": stack and not stack[0] & 1,
            "without segments that are both written and executed": not [
                kind for kind, flags, _ in self.segments if kind == LOAD and flags & 3 == 3
            ],
            "stripped": ".symtab" not in self.sections and ".debug_info" not in self.sections,
        }
        return [words for words, holds in facts.items() if not holds]

    def crates(self):
        """The crates that cargo-auditable has put in: name, version, and what each is for (`runtime`, `build`)."""
        packed = self.sections.get(".dep-v0")
        if packed is None:
            raise ValueError("it has no list of its crates (section .dep-v0)")
        packages = json.loads(zlib.decompress(packed))["packages"]
        return [(each["name"], each["version"], each.get("kind", "runtime")) for each in packages]
