package io.inferwatch.notifier;

import java.net.URI;
import java.util.List;

/**
 * The {@code notifier} section of the configuration.
 *
 * @param baseUrl where people reach this sidecar, put into messages as a link; empty: no link
 * @param allowedHosts where notices may go: host names (https only) and written-out origins
 */
public record NotifierConfig(String baseUrl, List<String> allowedHosts) {
    public static final List<String> DEFAULT_ALLOWED_HOSTS = List.of(
            "hooks.slack.com",
            "slack.com",
            "events.pagerduty.com",
            "events.eu.pagerduty.com",
            "api.pagerduty.com",
            "api.eu.pagerduty.com");

    public static final NotifierConfig DEFAULT = new NotifierConfig("", DEFAULT_ALLOWED_HOSTS);

    public NotifierConfig {
        allowedHosts = List.copyOf(allowedHosts);
        if (!baseUrl.isEmpty() && !isHttp(baseUrl)) {
            throw new IllegalArgumentException(
                    "notifier.base_url: \"" + baseUrl + "\" is no http or https URL; write it as https://host:9477");
        }
    }

    private static boolean isHttp(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
