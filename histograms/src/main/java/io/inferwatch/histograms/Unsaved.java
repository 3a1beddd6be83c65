package io.inferwatch.histograms;

/** A closed window until the database has it. Guarded by the store's lock. */
final class Unsaved {
    final Series series;
    final long startMillis;
    final boolean amendment;
    final long firstSequence;
    final long closedMillis;
    long lastSequence;
    WindowData data;
    boolean inFlight;

    Unsaved(Series series, OpenWindow window, boolean amendment, long closedMillis) {
        this.series = series;
        this.startMillis = window.startMillis;
        this.amendment = amendment;
        this.firstSequence = window.firstSequence;
        this.lastSequence = window.lastSequence;
        this.closedMillis = closedMillis;
        this.data = window.tally.toWindowData();
    }

    long heapBytes() {
        return 96L + data.heapBytes();
    }

    ClosedWindow row() {
        return new ClosedWindow(series.key, startMillis, amendment, lastSequence, data);
    }
}
