#pragma once
/// CRC-32C (Castagnoli polynomial, reflected; RFC 3720 §12.1): the checksum of frames, records and checkpoints.
#include <stddef.h>
#include <stdint.h>

/// The checksum of n bytes after bytes whose checksum was `seed`; 0 to begin with. crc32c(crc32c(0, a), b) is the
/// checksum of a followed by b. No alignment is required; n = 0 returns the seed and reads nothing. The SSE4.2
/// instruction is used when the CPU has it, else a table.
uint32_t troupe_crc32c(uint32_t seed, const void *bytes, size_t n);

/// The same by table alone, for tests.
uint32_t troupe_crc32c_table(uint32_t seed, const void *bytes, size_t n);
