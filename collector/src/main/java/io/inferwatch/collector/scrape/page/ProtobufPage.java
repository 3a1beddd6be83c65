package io.inferwatch.collector.scrape.page;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Length-delimited {@code io.prometheus.client.MetricFamily} messages: the one format that carries native histograms.
 * Field numbers are those of {@code io/prometheus/client/metrics.proto}. Believes no length. Used by one thread.
 */
final class ProtobufPage {
    private static final FamilyType[] TYPES = {
        FamilyType.COUNTER, FamilyType.GAUGE, FamilyType.SUMMARY, FamilyType.UNTYPED, FamilyType.HISTOGRAM
    };

    private final byte[] bytes;
    private final PageBuilder page;

    ProtobufPage(byte[] bytes, PageBuilder page) {
        this.bytes = bytes;
        this.page = page;
    }

    void read() {
        ProtobufFields stream = new ProtobufFields(bytes, 0, bytes.length);
        try {
            while (stream.hasMore()) {
                family(stream.delimited());
            }
        } catch (MalformedPageException e) {
            page.problem("message " + e.getMessage());
        }
    }

    private void family(ProtobufFields message) throws MalformedPageException {
        String name = "";
        int type = 3;
        ProtobufFields head = message.again();
        while (head.next()) {
            switch (head.field()) {
                case 1 -> name = head.text();
                case 3 -> type = (int) head.varint();
                default -> head.skip();
            }
        }
        FamilyType familyType = type >= 0 && type < TYPES.length ? TYPES[type] : FamilyType.UNTYPED;
        PageBuilder.Draft family = name.isEmpty() ? null : page.family(name, familyType);
        if (family == null) {
            return;
        }
        while (message.next()) {
            if (message.field() == 4) {
                page.sawSample(family);
                ProtobufFields metric = message.message();
                if (family.isWanted) {
                    metric(family, metric);
                }
            } else {
                message.skip();
            }
        }
    }

    private void metric(PageBuilder.Draft family, ProtobufFields metric) throws MalformedPageException {
        Map<String, String> labels = new HashMap<>();
        ProtobufFields first = metric.again();
        while (first.next()) {
            if (first.field() == 1) {
                label(first.message(), labels);
            } else {
                first.skip();
            }
        }
        while (metric.next()) {
            switch (metric.field()) {
                case 2, 3, 5 -> scalar(family, labels, metric.message());
                case 7 ->
                    ProtobufHistogram.read(metric.message(), labels)
                            .ifPresent(series -> page.histogram(family, series));
                default -> metric.skip();
            }
        }
    }

    private static void label(ProtobufFields pair, Map<String, String> labels) throws MalformedPageException {
        String name = "";
        String value = "";
        while (pair.next()) {
            switch (pair.field()) {
                case 1 -> name = pair.text();
                case 2 -> value = pair.text();
                default -> pair.skip();
            }
        }
        labels.put(name, value);
    }

    private void scalar(PageBuilder.Draft family, Map<String, String> labels, ProtobufFields message)
            throws MalformedPageException {
        while (message.next()) {
            if (message.field() == 1) {
                page.scalar(family, labels, message.number());
            } else if (message.field() == 3) {
                page.created(family, labels, seconds(message.message()));
            } else {
                message.skip();
            }
        }
    }

    static double seconds(ProtobufFields timestamp) throws MalformedPageException {
        double seconds = 0;
        while (timestamp.next()) {
            switch (timestamp.field()) {
                case 1 -> seconds += timestamp.varint();
                case 2 -> seconds += timestamp.varint() / 1e9;
                default -> timestamp.skip();
            }
        }
        return seconds;
    }

    static String utf8(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
