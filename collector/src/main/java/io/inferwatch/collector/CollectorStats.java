package io.inferwatch.collector;

import io.inferwatch.collector.cost.Prices;

/**
 * What the collector has counted since its start, read at one moment.
 *
 * @param idsHeld request ids known now
 * @param idsForgotten ids forgotten before their ten minutes because newer ones needed the room
 * @param damagedMeasurements journalled ones that could not be decoded
 * @param gpuReadingsDropped polls, and measurements of the sidecar itself, not journalled because it was full or broken
 * @param gpuValuesRefused values of a poll that fit no catalogue entry: an unknown metric, or a negative amount
 * @param costsToldAsOther requests whose cost went to the user {@code other}
 * @param tpotUndefined requests, by whatever way they came, whose time per output token was neither said nor derivable
 * @param prices what the price table could not price
 */
public record CollectorStats(
        long idsHeld,
        long idsForgotten,
        long damagedMeasurements,
        long gpuReadingsDropped,
        long gpuValuesRefused,
        long costsToldAsOther,
        long tpotUndefined,
        Prices.Stats prices) {}
