package io.inferwatch.notifier.channel;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.notifier.outbound.AllowedHosts;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads a receiver's settings, and says with positions what is wrong with them. */
public final class ReceiverSettings {
    private static final Set<String> COMMON_KEYS = Set.of("type", "fallback", "digest");

    private final Receiver receiver;
    private final UnaryOperator<@Nullable String> environment;

    /** @param environment gives the value of an environment variable, or {@code null} */
    public ReceiverSettings(Receiver receiver, UnaryOperator<@Nullable String> environment) {
        this.receiver = receiver;
        this.environment = environment;
    }

    /** The text at a key; absent when nothing, or no plain value, stands there. */
    public Optional<String> text(String key) {
        return receiver.settings()
                .get(key)
                .filter(node -> node instanceof Scalar scalar && !scalar.isNull())
                .map(node -> ((Scalar) node).text());
    }

    public boolean flag(String key, boolean otherwise) {
        return text(key).map("true"::equals).orElse(otherwise);
    }

    /** One value, or a list of them. */
    public List<String> texts(String key) {
        if (receiver.settings().get(key).orElse(null) instanceof Sequence sequence) {
            return sequence.items().stream()
                    .filter(Scalar.class::isInstance)
                    .map(item -> ((Scalar) item).text())
                    .toList();
        }
        return text(key).map(List::of).orElse(List.of());
    }

    public Map<String, YamlNode.Entry> entries(String key) {
        return receiver.settings().get(key).orElse(null) instanceof Mapping mapping ? mapping.entries() : Map.of();
    }

    public Secret secret(String key) {
        Map<String, YamlNode.Entry> source = entries(key);
        if (source.get("file") != null && source.get("file").value() instanceof Scalar file) {
            return new Secret.FromFile(file.text());
        }
        if (source.get("env") != null && source.get("env").value() instanceof Scalar name) {
            return new Secret.FromEnvironment(name.text(), environment);
        }
        return text(key).<Secret>map(Secret.Literal::new).orElse(new Secret.Absent(key));
    }

    /** Reports keys that are neither common to all receivers nor among these. */
    public void checkKeys(Set<String> known, Problems problems) {
        Set<String> all = new TreeSet<>(known);
        all.addAll(COMMON_KEYS);
        receiver.settings().entries().forEach((key, entry) -> {
            if (!all.contains(key)) {
                problems.add(new Problem(
                        entry.keyPosition(),
                        entry.value().path(),
                        "unknown key \"" + key + "\" in a receiver of type " + receiver.type(),
                        NearestName.among(all, key).map(name -> "did you mean \"" + name + "\"?"),
                        false));
            }
        });
    }

    public void require(String key, Problems problems) {
        if (receiver.settings().get(key).isEmpty()) {
            problems.error(receiver.settings(), "a receiver of type " + receiver.type() + " needs \"" + key + "\"");
        }
    }

    /** Reports a secret that is none of a text, {@code {file: PATH}} and {@code {env: NAME}}. */
    public void checkSecret(String key, Problems problems) {
        YamlNode node = receiver.settings().get(key).orElse(null);
        boolean right = switch (node) {
            case null -> true;
            case Scalar scalar -> !scalar.isNull() && !scalar.text().isBlank();
            case Sequence sequence -> false;
            case Mapping mapping ->
                mapping.entries().size() == 1
                        && (mapping.get("file").orElse(null) instanceof Scalar
                                || mapping.get("env").orElse(null) instanceof Scalar);
        };
        if (node != null && !right) {
            problems.error(node, "a secret is a text, {file: PATH} or {env: NAME}");
        }
    }

    /** Reports an address, written as a text, that this sidecar may not call. */
    public void checkUrl(String key, AllowedHosts hosts, Problems problems) {
        node(key)
                .ifPresent(node -> hosts.objection(text(key).orElse(""))
                        .ifPresent(objection -> problems.error(node, key + " cannot be called: " + objection)));
    }

    /** The same of an address that is a secret, which is known here only where it is written out. */
    public void checkSecretUrl(String key, AllowedHosts hosts, Problems problems) {
        checkSecret(key, problems);
        if (secret(key) instanceof Secret.Literal) {
            checkUrl(key, hosts, problems);
        }
    }

    public void checkOneOf(String key, Set<String> allowed, Problems problems) {
        receiver.settings().get(key).ifPresent(node -> {
            String written = text(key).orElse("");
            if (!allowed.contains(written)) {
                problems.error(
                        node,
                        "\"" + written + "\" is not one of " + new TreeSet<>(allowed),
                        NearestName.among(new TreeSet<>(allowed), written)
                                .map(name -> "did you mean \"" + name + "\"?")
                                .orElse("choose one of these"));
            }
        });
    }

    public Optional<YamlNode> node(String key) {
        return receiver.settings().get(key);
    }
}
