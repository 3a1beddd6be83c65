package io.inferwatch.collector.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Locale;

/** HTTP/1.1 as bytes on sockets: what a library would put right stays as a test writes it. */
final class RawHttp {
    private RawHttp() {}

    static void send(Socket client, String version, String body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("POST /v1/chat/completions HTTP/").append(version);
        head.append("\r\nHost: gateway\r\nContent-Length: ").append(body.getBytes(UTF_8).length);
        for (String header : headers) {
            head.append("\r\n").append(header);
        }
        write(client, head.append("\r\n\r\n").append(body).toString());
    }

    static void write(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(UTF_8));
        to.getOutputStream().flush();
    }

    /** Reads a request with its body. */
    static String readRequest(Socket upstream) throws IOException {
        InputStream in = upstream.getInputStream();
        String head = readHead(in);
        int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ") + "content-length: ".length();
        int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
        return head + new String(in.readNBytes(length), UTF_8);
    }

    static String readHead(InputStream in) throws IOException {
        return readUntil(in, "\r\n\r\n");
    }

    /** @throws IOException when the other side hangs up before that */
    static String readUntil(InputStream in, String end) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (!read.toString(UTF_8).endsWith(end)) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("hung up after: " + read.toString(UTF_8));
            }
            read.write(b);
        }
        return read.toString(UTF_8);
    }
}
