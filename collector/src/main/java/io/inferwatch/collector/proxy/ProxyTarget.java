package io.inferwatch.collector.proxy;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One model server and the address at which the proxy stands in for it.
 *
 * @param server its name, which becomes the label {@code server}
 * @param listenHost where requests are taken
 * @param listenPort 0: any that is free
 * @param upstream where they go: http or https, a path is put before theirs
 * @param injectsUsage whether the server is asked to count the tokens of streams for which the client did not ask
 */
public record ProxyTarget(String server, String listenHost, int listenPort, URI upstream, boolean injectsUsage) {
    private static final Pattern LISTEN = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+):(\\d{1,5})");
    private static final int HIGHEST_PORT = 65_535;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    public ProxyTarget {
        String scheme = String.valueOf(upstream.getScheme());
        if (!(scheme.equals("http") || scheme.equals("https")) || upstream.getHost() == null) {
            throw new IllegalArgumentException(
                    "proxy.upstream: \"" + upstream + "\" is no address; write one such as http://127.0.0.1:8000");
        }
        if (upstream.getRawUserInfo() != null || upstream.getRawQuery() != null) {
            throw new IllegalArgumentException("proxy.upstream: the address of " + upstream.getHost()
                    + " holds credentials or a query; give scheme, host, port and path alone");
        }
    }

    /** @param listen host and port, as {@code 127.0.0.1:9478} */
    public static ProxyTarget of(String server, String listen, String upstream, boolean injectsUsage) {
        Matcher parts = LISTEN.matcher(listen);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > HIGHEST_PORT) {
            throw new IllegalArgumentException(
                    "proxy.listen: \"" + listen + "\" is no host and port; write them such as 127.0.0.1:9478");
        }
        String host = parts.group(1).replace("[", "").replace("]", "");
        return new ProxyTarget(server, host, Integer.parseInt(parts.group(2)), address(upstream), injectsUsage);
    }

    private static URI address(String upstream) {
        try {
            return URI.create(upstream);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "proxy.upstream: \"" + upstream + "\" is no address; write one such as http://127.0.0.1:8000");
        }
    }

    boolean isTls() {
        return "https".equals(upstream.getScheme());
    }

    int upstreamPort() {
        return upstream.getPort() > 0 ? upstream.getPort() : isTls() ? HTTPS_PORT : HTTP_PORT;
    }

    String upstreamHost() {
        return upstream.getHost().replace("[", "").replace("]", "");
    }

    /** What stands before the path of every request; without a slash at its end. */
    String prefix() {
        String path = upstream.getRawPath() == null ? "" : upstream.getRawPath();
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    InetSocketAddress listenAddress() {
        return new InetSocketAddress(listenHost, listenPort);
    }
}
