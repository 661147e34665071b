#!/usr/bin/env python3
"""Prints the golden bytes of Tests/WireTests, made with the standard library alone: run it after a change of the wire."""
import struct


def crc32c(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def pack(value) -> bytes:
    """MessagePack in its shortest form, for the types that control messages use."""
    if isinstance(value, int):
        if 0 <= value < 128:
            return bytes([value])
        for head, form, limit in ((0xCC, ">B", 1 << 8), (0xCD, ">H", 1 << 16), (0xCE, ">I", 1 << 32)):
            if 0 <= value < limit:
                return bytes([head]) + struct.pack(form, value)
        return b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, str):
        return bytes([0xA0 | len(value)]) + value.encode()
    if isinstance(value, bytes):
        return b"\xc4" + bytes([len(value)]) + value
    return bytes([0x90 | len(value)]) + b"".join(pack(element) for element in value)


payload = struct.pack("<3f", 1, 2, 3)
# magic, version, phase (all-gather), element type (float32), run id, step, generation, bucket, hop, segment, sender,
# element count, payload checksum, header checksum
header = b"TRPF" + struct.pack("<HBBQQ7I", 1, 2, 0, 0x0123456789ABCDEF, 77, 3, 5, 1, 4, 2, 3, crc32c(payload))
header += struct.pack("<I", crc32c(header))
envelope = pack([1, "call", 0x0123456789ABCDEF, 2, 300, 9, ["coordinator", "$s4join", []], [bytes([0x93, 1, 2, 3])], 5000])

print("data frame header:", header.hex(" "))
print("control envelope: ", envelope.hex(" "))
