package io.inferwatch.collector.scrape.page;

import io.inferwatch.collector.protobuf.ProtobufReader;
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
        ProtobufReader<MalformedPageException> stream = new ProtobufReader<>(bytes, MalformedPageException::new);
        try {
            while (stream.hasMore()) {
                family(stream.delimited());
            }
        } catch (MalformedPageException e) {
            page.problem("message " + e.getMessage());
        }
    }

    private void family(ProtobufReader<MalformedPageException> message) throws MalformedPageException {
        String name = "";
        int type = 3;
        ProtobufReader<MalformedPageException> head = message.again();
        while (head.next()) {
            switch (head.field()) {
                case 1 -> name = head.text(Integer.MAX_VALUE);
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
                ProtobufReader<MalformedPageException> metric = message.message();
                if (family.isWanted) {
                    metric(family, metric);
                }
            } else {
                message.skip();
            }
        }
    }

    private void metric(PageBuilder.Draft family, ProtobufReader<MalformedPageException> metric)
            throws MalformedPageException {
        Map<String, String> labels = new HashMap<>();
        ProtobufReader<MalformedPageException> first = metric.again();
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

    private static void label(ProtobufReader<MalformedPageException> pair, Map<String, String> labels)
            throws MalformedPageException {
        String name = "";
        String value = "";
        while (pair.next()) {
            switch (pair.field()) {
                case 1 -> name = pair.text(Integer.MAX_VALUE);
                case 2 -> value = pair.text(Integer.MAX_VALUE);
                default -> pair.skip();
            }
        }
        labels.put(name, value);
    }

    private void scalar(
            PageBuilder.Draft family, Map<String, String> labels, ProtobufReader<MalformedPageException> message)
            throws MalformedPageException {
        while (message.next()) {
            if (message.field() == 1) {
                page.scalar(family, labels, message.real());
            } else if (message.field() == 3) {
                page.created(family, labels, seconds(message.message()));
            } else {
                message.skip();
            }
        }
    }

    static double seconds(ProtobufReader<MalformedPageException> timestamp) throws MalformedPageException {
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
}
