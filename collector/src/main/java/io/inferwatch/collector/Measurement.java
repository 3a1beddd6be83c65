package io.inferwatch.collector;

/** What a source found out: the one kind of thing that is journalled. Immutable. */
public sealed interface Measurement
        permits RequestMeasurement, SampleMeasurement, GpuMeasurement, BucketedMeasurement, SourceGap {}
