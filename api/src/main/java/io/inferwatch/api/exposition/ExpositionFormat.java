package io.inferwatch.api.exposition;

import java.util.Locale;

/** The forms in which {@code /metrics} can be had, by what the scraper accepts. */
public enum ExpositionFormat {
    TEXT("text/plain"),
    OPEN_METRICS("application/openmetrics-text"),
    /** Events are native histograms in it. */
    PROTOBUF("application/vnd.google.protobuf");

    private final String mediaType;

    ExpositionFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    /**
     * The form the scraper likes most; of two it likes the same, the one it names first. Text where it names none.
     *
     * @param accept the header {@code Accept}; empty when there is none
     */
    public static ExpositionFormat of(String accept) {
        ExpositionFormat best = TEXT;
        double bestQuality = 0;
        for (String range : accept.split(",")) {
            String plain = range.toLowerCase(Locale.ROOT).replace(" ", "");
            for (ExpositionFormat format : values()) {
                double quality = format.qualityIn(plain);
                if (quality > bestQuality) {
                    best = format;
                    bestQuality = quality;
                }
            }
        }
        return best;
    }

    private double qualityIn(String range) {
        boolean isMeant = range.equals(mediaType) || range.startsWith(mediaType + ";");
        boolean isOurs = this != PROTOBUF
                || (range.contains("proto=io.prometheus.client.metricfamily") && range.contains("encoding=delimited"));
        if (!isMeant || !isOurs) {
            return 0;
        }
        int at = range.indexOf(";q=");
        if (at < 0) {
            return 1;
        }
        String text = range.substring(at + 3).split(";", 2)[0];
        return text.matches("[01](\\.\\d{0,3})?") ? Double.parseDouble(text) : 0;
    }
}
