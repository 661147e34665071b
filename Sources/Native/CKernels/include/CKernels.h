#pragma once
/// The loops of Troupe that are bound by memory or by transcendental functions. Arithmetic is float32;
/// functions that take a tk_type read and write arrays of that type, others arrays of float.
///
/// Rules that hold for every function here unless its comment says otherwise:
/// - Alignment: none is required. Lengths count elements, not bytes. n = 0 (or rows = 0 or cols = 0) is a no-op that
///   reads and writes nothing; reductions then return 0.
/// - Aliasing: an output may be exactly the same array as an input of the same length (in-place use); partly
///   overlapping arrays are not allowed.
/// - Threads: every function is single-threaded, keeps no state and allocates nothing. Callers split work into blocks.
/// - Bits: the result is a pure function of the arguments. All variants (see CKernelsDispatch.h) give the same bits:
///   sums use sixteen lanes in a fixed order and no fused multiply-add.
/// - NaN in an input gives NaN in what depends on it (which NaN may differ between variants).
#include "CKernelsActivation.h"
#include "CKernelsDispatch.h"
#include "CKernelsElementwise.h"
#include "CKernelsLoss.h"
#include "CKernelsNormalization.h"
#include "CKernelsOptimizer.h"
#include "CKernelsRandom.h"
#include "CKernelsTypes.h"
