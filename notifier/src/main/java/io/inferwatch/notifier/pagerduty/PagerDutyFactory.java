package io.inferwatch.notifier.pagerduty;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.ReceiverSettings;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.outbound.Outbound;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Receivers of type {@code pagerduty}: {@code routing_key}, {@code region}, {@code api_url}, {@code severity}. */
public final class PagerDutyFactory implements Channel.Factory {
    static final Map<Tier, String> SEVERITIES =
            Map.of(Tier.P0, "critical", Tier.P1, "error", Tier.P2, "warning", Tier.P3, "info");

    private static final Set<String> KEYS = Set.of("routing_key", "region", "api_url", "severity", "api_token");
    private static final int ROUTING_KEY_CHARACTERS = 32;

    private final Outbound outbound;
    private final String baseUrl;
    private final UnaryOperator<@Nullable String> environment;

    /** @param baseUrl where people reach this sidecar; empty: no link */
    public PagerDutyFactory(Outbound outbound, String baseUrl, UnaryOperator<@Nullable String> environment) {
        this.outbound = outbound;
        this.baseUrl = baseUrl;
        this.environment = environment;
    }

    @Override
    public String type() {
        return "pagerduty";
    }

    @Override
    public boolean wakesByNewKey() {
        return true;
    }

    @Override
    public void check(Receiver receiver, Problems problems) {
        ReceiverSettings settings = new ReceiverSettings(receiver, environment);
        settings.checkKeys(KEYS, problems);
        settings.require("routing_key", problems);
        settings.checkSecret("routing_key", problems);
        settings.checkSecret("api_token", problems);
        settings.checkOneOf("region", Set.of("us", "eu"), problems);
        settings.checkUrl("api_url", outbound.allowedHosts(), problems);
        if (settings.secret("routing_key") instanceof Secret.Literal literal
                && literal.value().strip().length() != ROUTING_KEY_CHARACTERS) {
            settings.node("routing_key")
                    .ifPresent(node -> problems.warning(
                            node,
                            "a routing key has 32 characters, this has "
                                    + literal.value().strip().length()
                                    + "; copy the Integration Key of an Events API v2 integration"));
        }
        checkSeverity(settings, problems);
    }

    private static void checkSeverity(ReceiverSettings settings, Problems problems) {
        settings.node("severity").ifPresent(node -> {
            if (!(node instanceof YamlNode.Mapping mapping)) {
                problems.error(node, "severity maps tiers to severities", "write {P0: critical, P1: error}");
                return;
            }
            mapping.entries().forEach((tier, entry) -> {
                boolean known =
                        SEVERITIES.keySet().stream().anyMatch(t -> t.name().equals(tier));
                boolean right =
                        entry.value() instanceof YamlNode.Scalar scalar && SEVERITIES.containsValue(scalar.text());
                if (!known || !right) {
                    problems.error(
                            entry.value(),
                            "a tier P0 to P3 goes with one of critical, error, warning, info",
                            "write {P0: critical}");
                }
            });
        });
    }

    @Override
    public Channel create(Receiver receiver) {
        ReceiverSettings settings = new ReceiverSettings(receiver, environment);
        String host =
                settings.text("region").orElse("us").equals("eu") ? "events.eu.pagerduty.com" : "events.pagerduty.com";
        String url = settings.text("api_url").orElse("https://" + host + "/v2/enqueue");
        Map<Tier, String> severities = new EnumMap<>(SEVERITIES);
        settings.entries("severity").forEach((tier, entry) -> {
            if (entry.value() instanceof YamlNode.Scalar scalar) {
                severities.put(Tier.valueOf(tier), scalar.text());
            }
        });
        Incidents incidents = new Incidents(outbound, restUrl(settings), settings.secret("api_token"));
        return new PagerDutyChannel(
                outbound, url, settings.secret("routing_key"), new EventBody(severities, baseUrl), incidents);
    }

    /** Where {@code api_url} leads elsewhere than to PagerDuty, its other API is there too. */
    private static String restUrl(ReceiverSettings settings) {
        Optional<String> origin = settings.text("api_url").map(url -> url.replaceFirst("^(https?://[^/]+).*$", "$1"));
        boolean isTheirs = origin.map(url -> url.endsWith(".pagerduty.com")).orElse(true);
        String host = settings.text("region").orElse("us").equals("eu") ? "api.eu.pagerduty.com" : "api.pagerduty.com";
        return isTheirs ? "https://" + host : origin.orElseThrow();
    }
}
