package io.inferwatch.histograms.store;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.WindowStore.StoredSeries;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Every series that has stored windows, with its id and the times of its first and last window. Any thread reads. */
final class SeriesDictionary {

    /** One series. The times are those of stored windows; only the writing thread moves them. */
    static final class Entry {
        final int id;
        final SeriesKey key;
        private volatile long firstMillis;
        private volatile long lastMillis;
        private long rowFirstMillis;
        private long rowLastMillis;

        Entry(int id, SeriesKey key, long firstMillis, long lastMillis) {
            this.id = id;
            this.key = key;
            this.firstMillis = firstMillis;
            this.lastMillis = lastMillis;
            this.rowFirstMillis = firstMillis;
            this.rowLastMillis = lastMillis;
        }

        long firstMillis() {
            return firstMillis;
        }

        long lastMillis() {
            return lastMillis;
        }

        private SeriesRow row() {
            return new SeriesRow(id, key.metric(), labelBytes(key.labels()), firstMillis, lastMillis);
        }
    }

    private final Map<SeriesKey, Entry> byKey = new ConcurrentHashMap<>();
    private final Map<Integer, Entry> byId = new ConcurrentHashMap<>();
    private final Map<String, Map<SeriesKey, Entry>> byMetric = new ConcurrentHashMap<>();
    private int nextId;
    private long newestMillis;

    SeriesDictionary(Collection<SeriesRow> rows) {
        for (SeriesRow row : rows) {
            add(new Entry(
                    row.id(), new SeriesKey(row.metric(), labels(row.labels())), row.firstMillis(), row.lastMillis()));
        }
    }

    Optional<Entry> find(SeriesKey key) {
        return Optional.ofNullable(byKey.get(key));
    }

    Optional<Entry> find(int id) {
        return Optional.ofNullable(byId.get(id));
    }

    Collection<Entry> all() {
        return byKey.values();
    }

    List<StoredSeries> ofMetric(String metric) {
        List<StoredSeries> stored = new ArrayList<>();
        for (Entry entry : byMetric.getOrDefault(metric, Map.of()).values()) {
            stored.add(new StoredSeries(entry.key, entry.firstMillis, entry.lastMillis));
        }
        return stored;
    }

    /** New series of one transaction; they exist for others once it has committed. Ids are not given twice. */
    final class Additions {
        private final Map<SeriesKey, Entry> added = new LinkedHashMap<>();

        Entry findOrAdd(SeriesKey key, long startMillis) {
            Entry known = byKey.get(key);
            return known != null
                    ? known
                    : added.computeIfAbsent(key, fresh -> new Entry(nextId++, fresh, startMillis, startMillis));
        }

        List<SeriesRow> rows() {
            return added.values().stream().map(Entry::row).toList();
        }

        void committed() {
            added.values().forEach(SeriesDictionary.this::add);
        }
    }

    Additions additions() {
        return new Additions();
    }

    private void add(Entry entry) {
        byKey.put(entry.key, entry);
        byId.put(entry.id, entry);
        byMetric.computeIfAbsent(entry.key.metric(), metric -> new ConcurrentHashMap<>())
                .put(entry.key, entry);
        nextId = Math.max(nextId, entry.id + 1);
        newestMillis = Math.max(newestMillis, entry.lastMillis);
    }

    void seen(Entry entry, long startMillis) {
        entry.firstMillis = Math.min(entry.firstMillis, startMillis);
        entry.lastMillis = Math.max(entry.lastMillis, startMillis);
        newestMillis = Math.max(newestMillis, startMillis);
    }

    /** Start of the newest window of all. The writing thread alone. */
    long newestMillis() {
        return newestMillis;
    }

    /** The row of a series whose stored times have fallen behind. */
    Optional<SeriesRow> outdatedRow(int id) {
        return find(id).filter(
                        entry -> entry.rowFirstMillis != entry.firstMillis || entry.rowLastMillis != entry.lastMillis)
                .map(Entry::row);
    }

    void updated(SeriesRow row) {
        Entry entry = byId.get(row.id());
        if (entry != null) {
            entry.rowFirstMillis = row.firstMillis();
            entry.rowLastMillis = row.lastMillis();
        }
    }

    void remove(Collection<Integer> ids) {
        for (int id : ids) {
            Entry entry = byId.remove(id);
            if (entry != null) {
                byKey.remove(entry.key);
                byMetric.getOrDefault(entry.key.metric(), Map.of()).remove(entry.key);
            }
        }
    }

    static byte[] labelBytes(LabelSet labels) {
        RowWriter bytes = new RowWriter().number(labels.size());
        labels.asMap().forEach((name, value) -> bytes.text(name).text(value));
        return bytes.plain();
    }

    static LabelSet labels(byte[] bytes) {
        RowReader reader = RowReader.plain(bytes);
        int count = reader.count();
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            labels.put(reader.text(), reader.text());
        }
        return LabelSet.of(labels);
    }
}
