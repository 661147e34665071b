#pragma once
/// The element types of the arrays that kernels read and write.

/// How the elements of a `void *` array are stored. Arithmetic is float32 whatever the type: elements are widened when
/// they are read, and rounded once, to nearest with ties to even, when they are written.
typedef enum tk_type {
    /// float
    TK_FLOAT32 = 0,
    /// uint16_t: the upper half of a float's bits.
    TK_BFLOAT16 = 1,
} tk_type;
