package io.inferwatch.notifier.channel;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/** Links in messages come from a rule's runbook or the base URL, never from labels. */
public final class Links {
    private Links() {}

    /** The link with its special characters encoded, where it is an http or https URL; empty otherwise. */
    public static Optional<String> web(String url) {
        try {
            URI uri = URI.create(url.strip());
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            boolean web = uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"));
            return web ? Optional.of(uri.toASCIIString().replace("|", "%7C")) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
