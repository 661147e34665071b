"""Strings in which everything happens that Unicode allows, for comparing tokenizers."""

import random

BLOCKS = [
    (0x20, 0x7F), (0x00, 0x20), (0x7F, 0x250), (0x300, 0x370), (0x370, 0x600), (0x900, 0xE00), (0xF00, 0x1200),
    (0x1AB0, 0x1AF0), (0x1E00, 0x2070), (0x2070, 0x2300), (0x3000, 0x3100), (0x3400, 0x3500), (0x4E00, 0xA000),
    (0xA980, 0xAC00), (0xAC00, 0xD7A4), (0xE000, 0xE010), (0xF900, 0xFB50), (0xFE00, 0x10000), (0x10000, 0x11A00),
    (0x1D100, 0x1D250), (0x1E000, 0x1E100), (0x1F300, 0x1F700), (0x20000, 0x2CEB0), (0x2F800, 0x2FA20),
    (0xE0000, 0xE0200), (0x10FFF0, 0x110000),
]
WORDS = [
    "[MASK]", "[SEP]", "[CLS]", "[PAD]", "[UNK]", "[mask]", "[[MASK]]", "<mask>", "<s>", "</s>", "hello", "Hello", "HELLO",
    "don't", "##ing", "unaffable", "a_b", "~x`", "a" * 99, "a" * 100, "a" * 101, "é" * 100, "e\u0301" * 101, "İstanbul",
    "ﬁne", "ΣΑΣ", "ΑΣ", "ẞ", "ǅ", "\u212B", "\u1E9B\u0323", "\u0344", "\u0F73", "\u0F81", "日本語", "한국어", "カナ", "ガ",
    "カ\u3099", "naïve", "cafe\u0301", "\u00AD", "\u200B", "\u200D", "\uFEFF", "\uFFFD", "\x00", "\x1C", "\x0B", "\u2028",
    "\x85", "\u3000", "\u00A0", "¿Qué?", "™©", "½", "①", "…", "``", "''", "▁", "👩‍👩‍👧", "🇯🇵", "1,234", "92000,", "$5.99",
]
STACKABLE = [
    0x301, 0x323, 0x307, 0x334, 0x345, 0x5B0, 0x302A, 0x302E, 0x1D165, 0x1D16E, 0x93C, 0x94D, 0x1DCE, 0x1ABF, 0xF71, 0xF72,
    0x344, 0x653, 0x1133B,
]
BASES = [0x61, 0x65, 0xC5, 0xE9, 0x1E69, 0x1FB7, 0xAC00, 0xD55C, 0x5D0, 0x915, 0x2260, 0x226E, 0x1FEF, 0x37E, 0x4E00]


def random_scalar(rng):
    while True:
        value = rng.randrange(0x110000)
        if not 0xD800 <= value < 0xE000:
            return chr(value)


def hostile_strings(count, seed):
    """`count` strings, the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(count):
        blocks = [rng.choice(BLOCKS) for _ in range(rng.randint(1, 4))]
        parts = []
        for _ in range(rng.randint(0, 24)):
            draw = rng.random()
            if draw < 0.25:
                parts.append(rng.choice(WORDS))
            elif draw < 0.40:
                parts.append(rng.choice([" ", "  ", "\t", "\n", "\r\n", " \u00A0"]))
            elif draw < 0.52:
                marks = [chr(rng.choice(STACKABLE)) for _ in range(rng.randint(1, 4))]
                parts.append(chr(rng.choice(BASES)) + "".join(marks))
            elif draw < 0.60:
                parts.append(random_scalar(rng))
            else:
                for _ in range(rng.randint(1, 5)):
                    parts.append(chr(rng.randrange(*rng.choice(blocks))))
        yield "".join(parts)
