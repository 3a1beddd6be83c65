package io.inferwatch.system.support;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One request for a stream over a connection of its own, read down to the frames. One thread. */
public final class HeldStream implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 120_000;

    private final Socket socket;
    private final InputStream in;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /**
     * @param model {@code held}: {@link HoldingServer} holds the rest of the stream back
     * @throws IOException when the connection is refused
     */
    public HeldStream(int port, String model) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = socket.getInputStream();
        String json = "{\"model\":\"" + model + "\",\"stream\":true}";
        socket.getOutputStream()
                .write(("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                + "Content-Type: application/json\r\nContent-Length: " + json.length() + "\r\n\r\n"
                                + json)
                        .getBytes(StandardCharsets.UTF_8));
    }

    /** Whether a connection is taken there; it asks for nothing. */
    public static boolean isListening(int port) {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads the head and the first piece of the body. */
    public HeldStream begun() {
        try {
            String status = line();
            if (!status.startsWith("HTTP/1.1 200 ")) {
                throw new AssertionError("answered " + status);
            }
            while (!line().isEmpty()) {
                // The rest of the head.
            }
            frame();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole body, once the stream has ended as HTTP ends one. */
    public String whole() throws IOException {
        while (frame()) {
            // Until the last frame.
        }
        return body.toString(StandardCharsets.UTF_8);
    }

    private boolean frame() throws IOException {
        int length = Integer.parseInt(line(), 16);
        byte[] bytes = in.readNBytes(length);
        body.writeBytes(bytes);
        if (bytes.length < length || !line().isEmpty()) {
            throw new EOFException("cut amid a frame");
        }
        return length > 0;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("cut after " + body.size() + " bytes of the body");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
