package io.inferwatch.api.cli;

import io.inferwatch.api.config.Configuration;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** A command that asks a running sidecar. */
abstract class ClientCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Override
    public final Integer call() {
        return run(client(InferwatchCommand.configuration(options)));
    }

    /** The way to the sidecar of this configuration, whether it runs or not. */
    static ApiClient client(Configuration configuration) {
        Path data = Path.of(configuration.text("data.dir"));
        Path token = configuration.optionalPath("auth.admin_token_file").orElse(data.resolve("admin.token"));
        Optional<Path> certificate = configuration.optionalPath("http.tls.certificate_file");
        String host = configuration.text("http.host");
        boolean isAny = host.equals("0.0.0.0") || host.equals("::");
        String name = isAny ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
        String base =
                (certificate.isPresent() ? "https://" : "http://") + name + ":" + configuration.integer("http.port");
        return new ApiClient(base, token, certificate);
    }

    abstract int run(ApiClient api);

    final boolean asJson() {
        return options.isJson();
    }

    /** A JSON value as a cell: whole numbers without a fraction, others to three decimals, a bracket by its bounds. */
    static String cell(@Nullable Object value) {
        if (value instanceof Number number) {
            double d = number.doubleValue();
            return d == Math.rint(d) && Math.abs(d) < 1e15 ? Long.toString((long) d) : String.format("%.3f", d);
        }
        if (value instanceof Map<?, ?> bracket && bracket.containsKey("lo")) {
            return bracket.get("hi") == null
                    ? "≥ " + cell(bracket.get("lo"))
                    : cell(bracket.get("lo")) + " – " + cell(bracket.get("hi"));
        }
        return value == null ? "–" : value.toString();
    }
}
