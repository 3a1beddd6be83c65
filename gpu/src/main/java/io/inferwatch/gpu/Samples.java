package io.inferwatch.gpu;

import java.util.Arrays;

/** The values one poll brought for one field, oldest first, in the field's unit; at least one. Immutable. */
public final class Samples {
    private final double[] values;

    private Samples(double[] values) {
        this.values = values;
    }

    /** @throws IllegalArgumentException when there is no value or one is not finite */
    public static Samples of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no sample: a poll that brought none is a Reading.Stale");
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("sample " + value + " is not a finite number");
            }
        }
        return new Samples(values.clone());
    }

    public int count() {
        return values.length;
    }

    public double at(int position) {
        return values[position];
    }

    public double last() {
        return values[values.length - 1];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Samples samples && Arrays.equals(values, samples.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
