package io.inferwatch.histograms;

import java.math.BigInteger;

/** An exact sum in 128 bits: eight GPUs' memory in bytes, sampled each second for a year, is past 64. */
record WideSum(long high, long low) {
    static final WideSum ZERO = new WideSum(0, 0);

    static WideSum product(long a, long b) {
        return new WideSum(Math.multiplyHigh(a, b), a * b);
    }

    WideSum plus(WideSum other) {
        long sum = low + other.low;
        long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
        return new WideSum(high + other.high + carry, sum);
    }

    WideSum minus(WideSum other) {
        long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
        return new WideSum(high - other.high - borrow, low - other.low);
    }

    boolean isNegative() {
        return high < 0;
    }

    boolean isAbove(WideSum other) {
        return high != other.high ? high > other.high : Long.compareUnsigned(low, other.low) > 0;
    }

    double doubleValue() {
        if (high == low >> 63) {
            return low;
        }
        return BigInteger.valueOf(high)
                .shiftLeft(64)
                .add(new BigInteger(Long.toUnsignedString(low)))
                .doubleValue();
    }
}
