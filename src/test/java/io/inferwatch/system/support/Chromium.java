package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The installed Chromium without a window, driven over its DevTools protocol: one tab, what goes wrong in it collected. Used
 * by one thread.
 */
public final class Chromium implements AutoCloseable {
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"), Path.of("/usr/bin/google-chrome"));
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final long CALL_SECONDS = 120;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path profile;
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    /** Where it is installed. */
    public static Optional<Path> installed() {
        return PLACES.stream().filter(Files::isExecutable).findFirst();
    }

    public Chromium(Path binary) {
        try {
            profile = Files.createTempDirectory("inferwatch-chromium-");
            process = new ProcessBuilder(
                            binary.toString(),
                            "--headless=new",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-dev-shm-usage",
                            "--no-first-run",
                            "--disable-extensions",
                            "--disable-component-update",
                            "--disable-background-networking",
                            "--hide-scrollbars",
                            "--remote-debugging-port=0",
                            "--user-data-dir=" + profile,
                            "about:blank")
                    .redirectErrorStream(true)
                    .redirectOutput(profile.resolve("output.txt").toFile())
                    .start();
            socket = connected();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String domain : List.of("Page", "Runtime", "Log")) {
            call(domain + ".enable", Map.of());
        }
    }

    private WebSocket connected() throws IOException {
        Path portFile = profile.resolve("DevToolsActivePort");
        Await.until("Chromium listens", START_LIMIT, () -> lines(portFile).size() >= 2);
        HttpClient client = HttpClient.newHttpClient();
        URI list = URI.create("http://127.0.0.1:" + lines(portFile).getFirst() + "/json/list");
        JsonNode tabs = Await.value(
                "a tab",
                START_LIMIT,
                () -> {
                    try {
                        return JSON.readTree(
                                client.send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString())
                                        .body());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } catch (InterruptedException e) {
                        throw new AssertionError("interrupted", e);
                    }
                },
                found -> tab(found).isPresent());
        return client.newWebSocketBuilder()
                .buildAsync(URI.create(tab(tabs).orElseThrow()), new Ear())
                .join();
    }

    private static Optional<String> tab(JsonNode tabs) {
        for (JsonNode tab : tabs) {
            if (tab.path("type").asText().equals("page")) {
                return Optional.of(tab.path("webSocketDebuggerUrl").asText());
            }
        }
        return Optional.empty();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Messages come in pieces; each whole one is an answer or an event. */
    private final class Ear implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                String whole = message.toString();
                message.setLength(0);
                hear(whole);
            }
            webSocket.request(1);
            return null;
        }
    }

    private void hear(String text) {
        try {
            JsonNode message = JSON.readTree(text);
            CompletableFuture<JsonNode> waiting =
                    message.has("id") ? answers.remove(message.path("id").asInt()) : null;
            if (waiting != null) {
                waiting.complete(message);
                return;
            }
            JsonNode parameters = message.path("params");
            switch (message.path("method").asText()) {
                case "Runtime.exceptionThrown" -> complaints.add("exception: " + parameters.path("exceptionDetails"));
                case "Page.javascriptDialogOpening" -> complaints.add("dialog: " + parameters.path("message"));
                case "Log.entryAdded" -> complain(parameters.path("entry"));
                case "Runtime.consoleAPICalled" ->
                    complain(parameters, parameters.path("type").asText());
                default -> {}
            }
        } catch (IOException e) {
            complaints.add("not JSON: " + text);
        }
    }

    private void complain(JsonNode entry) {
        complain(entry, entry.path("level").asText());
    }

    private void complain(JsonNode what, String level) {
        if (List.of("error", "warning", "assert").contains(level)) {
            complaints.add(level + ": " + what);
        }
    }

    /** Everything that went wrong in the tab so far: exceptions, console errors and warnings, dialogs, refused loads. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** A method of the DevTools protocol; its result. */
    public JsonNode call(String method, Map<String, Object> parameters) {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        socket.sendText(message.toString(), true).join();
        try {
            JsonNode whole = answer.get(CALL_SECONDS, TimeUnit.SECONDS);
            if (whole.has("error")) {
                throw new AssertionError(method + ": " + whole.path("error"));
            }
            return whole.path("result");
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(method + " was not answered", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** The value of an expression, a promise's too. */
    public JsonNode evaluate(String expression) {
        JsonNode result =
                call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** Waits until an expression is true; what the page says stands in the error. */
    public void await(String condition) {
        Await.until(
                () -> condition + "; the page says: " + text("body") + "; it complained: " + complaints,
                LIMIT,
                () -> evaluate("!!(" + condition + ")").asBoolean());
    }

    /** The text of the first element that a selector finds, at most 600 characters. */
    public String text(String selector) {
        return evaluate("(document.querySelector(" + quoted(selector) + ")?.innerText ?? '').slice(0, 600)")
                .asText();
    }

    public static String quoted(String text) {
        return JSON.valueToTree(text).toString();
    }

    public void open(String url) {
        call("Page.navigate", Map.of("url", url));
    }

    public void size(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Moves the mouse to a place of the window, as a hand does. */
    public void pointAt(double x, double y) {
        mouse("mouseMoved", x, y, Map.of());
    }

    /** Moves the mouse there and presses its left button. */
    public void click(double x, double y) {
        pointAt(x, y);
        for (String half : List.of("mousePressed", "mouseReleased")) {
            mouse(half, x, y, Map.of("button", "left", "clickCount", 1));
        }
    }

    private void mouse(String type, double x, double y, Map<String, Object> more) {
        Map<String, Object> event = new HashMap<>(more);
        event.putAll(Map.of("type", type, "x", x, "y", y));
        call("Input.dispatchMouseEvent", event);
    }

    /** Presses a key that has a name, such as {@code Enter}, on what has the focus. */
    public void press(String key) {
        for (String half : List.of("rawKeyDown", "keyUp")) {
            call("Input.dispatchKeyEvent", Map.of("type", half, "key", key, "code", key));
        }
    }

    /** {@code light} or {@code dark}. */
    public void scheme(String name) {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", name))));
    }

    /** The visible part of the page as PNG. */
    public void screenshot(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(
                    file,
                    Base64.getDecoder()
                            .decode(call("Page.captureScreenshot", Map.of("format", "png"))
                                    .path("data")
                                    .asText()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        removeProfile();
    }

    /** A dying process of the browser may still write; what is left lies in the temporary folder. */
    private void removeProfile() {
        try (Stream<Path> found = Files.walk(profile)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.out.println("the browser's profile " + profile + " was not wholly removed: " + e);
        }
    }
}
