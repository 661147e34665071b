/// The body of one variant: included once per variant source, which defines TK(name) and the target attribute.
/// Nothing here may depend on the instruction set except through what the compiler makes of sixteen-lane vectors, and
/// in how a part of sixteen elements is moved.
#include "../kernel_list.h"

#include "lanes.h"

#include "elements.h"
#include "mathematics.h"
#include "random.h"

#include "activations.h"
#include "elementwise.h"
#include "loss.h"
#include "optimizer.h"

// Kernels for arrays of float and of bfloat16: one text, compiled for each ELEMENT.
#define ELEMENT float
#define OF(name) name##_float32
#include "typed/all.h"
#undef ELEMENT
#undef OF

#define ELEMENT uint16_t
#define OF(name) name##_bfloat16
#include "typed/all.h"
#undef ELEMENT
#undef OF

#define T(name, parameters, arguments)                              \
    void TK(name)(tk_type type, TK_UNWRAP parameters) {             \
        if (type == TK_BFLOAT16) {                                  \
            name##_bfloat16 arguments;                              \
        } else {                                                    \
            name##_float32 arguments;                               \
        }                                                           \
    }
TK_TYPED_KERNELS(T)
#undef T
