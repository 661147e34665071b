/// exp, tanh and the normal distribution on sixteen lanes, without fused operations. Coefficients are our own weighted least-squares fits
/// (iterated towards the minimax error) of the stated form on the stated interval.

/// exp(x) = 2^k exp(r), |r| <= ln(2)/2, exp(r) = 1 + r + r^2 P(r). Relative error below 1.2e-7. Below -87.33 the result
/// is 0 (no subnormal numbers), above 88.37 infinity.
INLINE lanes exp_lanes(lanes x) {
    const float lowest = -87.33f, highest = 88.37f;
    lanes bounded = at_most(at_least(x, lowest), highest);
    // Adding 1.5 * 2^23 rounds to an integer, which then sits in the low bits of the sum.
    const float round_to_integer = 12582912.0f;
    lanes shifted = bounded * 0x1.715476p+0f + round_to_integer;
    lanes k = shifted - round_to_integer;
    // ln(2) in two parts; k times the first part is exact.
    lanes r = (bounded - k * 0.693359375f) - k * -0x1.bd0106p-13f;
    lanes p = r * 0x1.6a21a0p-10f + 0x1.123b6ap-7f;
    p = p * r + 0x1.5558fcp-5f;
    p = p * r + 0x1.555490p-3f;
    p = p * r + 0x1.fffffcp-2f;
    lanes y = (p * r) * r + r + 1.0f;
    lanes power = as_float((as_int(shifted) - (0x4b400000 - 127)) << 23);
    y = y * power;
    y = x < splat(lowest) ? splat(0.0f) : y;
    return x > splat(highest) ? splat(__builtin_inff()) : y;
}

/// tanh(x) = x P(x^2) / Q(x^2) on |x| <= 9.02, +-1 beyond. Within 7 units in the last place.
INLINE lanes tanh_lanes(lanes x) {
    lanes t = at_most(at_least(x, -9.02f), 9.02f);
    lanes z = t * t;
    lanes p = z * -0x1.ad6e14p-37f + 0x1.06be80p-25f;
    p = p * z + 0x1.d5e7a8p-16f;
    p = p * z + 0x1.fb0958p-9f;
    p = p * z + 0x1.182a62p-3f;
    p = p * z + 1.0f;
    lanes q = z * 0x1.599820p-20f + 0x1.9d0158p-12f;
    q = q * z + 0x1.be6628p-6f;
    q = q * z + 0x1.e16a86p-2f;
    q = q * z + 1.0f;
    return at_most(at_least(t * p / q, -1.0f), 1.0f);
}

/// The standard normal distribution at x: Phi(x), and exp(-x^2 / 2) in `bell`.
///
/// Phi(-t) = exp(-t^2 / 2) P(t) / Q(t) on 0 <= t <= 13.3, and 0 beyond. Computed from the tail, so that the relative error
/// stays below 1e-6 where 1 + erf would cancel (x < 0, down to -5), and grows as x^2 2^-24 from there.
INLINE lanes normal_distribution(lanes x, lanes *bell) {
    lanes t = at_most(as_float(as_int(x) & 0x7fffffff), 14.0f);
    *bell = exp_lanes(-0.5f * t * t);
    lanes p = t * 0x1.077718p-8f + 0x1.478c7cp-5f;
    p = p * t + 0x1.7350acp-3f;
    p = p * t + 0x1.be245ep-2f;
    p = p * t + 0.5f;
    lanes q = t * 0x1.4a3332p-7f + 0x1.9a8d40p-4f;
    q = q * t + 0x1.db8624p-2f;
    q = q * t + 0x1.31c992p+0f;
    q = q * t + 0x1.ab5460p+0f;
    q = q * t + 1.0f;
    lanes tail = *bell * (p / q);
    return x < splat(0.0f) ? tail : 1.0f - tail;
}

/// 1 / (1 + exp(-x)).
INLINE lanes logistic(lanes x) {
    return 1.0f / (1.0f + exp_lanes(-x));
}
