package io.inferwatch.collector.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Takes the event that only tells the tokens out of one stream of server-sent events; all other bytes pass as they came. An
 * event is held until its end is there, at most {@link #LARGEST_EVENT_BYTES}: a longer one tells more than tokens.
 * One thread.
 */
final class UsageStripper {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int LARGEST_EVENT_BYTES = 16 << 10;
    private static final String DATA = "data:";

    private final ByteArrayOutputStream event = new ByteArrayOutputStream();
    private boolean isLineEmpty = true;
    private boolean isTooLong;

    /**
     * @param bytes the next of the stream; they stay the caller's
     * @param isLast whether none come after them
     * @return what goes on of what came so far
     */
    ByteBuf take(ByteBuf bytes, boolean isLast) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.readableBytes() + event.size());
        for (int at = bytes.readerIndex(); at < bytes.writerIndex(); at++) {
            take(bytes.getByte(at), out);
        }
        if (isLast) {
            out.writeBytes(event.toByteArray());
            event.reset();
        }
        return Unpooled.wrappedBuffer(out.toByteArray());
    }

    private void take(byte next, ByteArrayOutputStream out) {
        event.write(next);
        if (next == '\n') {
            if (isLineEmpty) {
                endEvent(out);
            }
            isLineEmpty = true;
        } else if (next != '\r') {
            isLineEmpty = false;
        }
        if (event.size() > LARGEST_EVENT_BYTES) {
            isTooLong = true;
        }
        if (isTooLong) {
            out.writeBytes(event.toByteArray());
            event.reset();
        }
    }

    private void endEvent(ByteArrayOutputStream out) {
        if (isTooLong || !tellsTokensOnly(event.toString(StandardCharsets.UTF_8))) {
            out.writeBytes(event.toByteArray());
        }
        event.reset();
        isTooLong = false;
    }

    private static boolean tellsTokensOnly(String event) {
        String text = event.strip();
        if (!text.startsWith(DATA) || !text.contains("\"usage\"")) {
            return false;
        }
        try (JsonParser json = JSON.createParser(text.substring(DATA.length()))) {
            boolean hasNoChoice = false;
            boolean hasUsage = false;
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("choices") && value == JsonToken.START_ARRAY) {
                    hasNoChoice = json.nextToken() == JsonToken.END_ARRAY;
                    if (!hasNoChoice) {
                        return false;
                    }
                } else {
                    hasUsage |= name.equals("usage") && value == JsonToken.START_OBJECT;
                    json.skipChildren();
                }
            }
            return hasNoChoice && hasUsage;
        } catch (IOException noJson) {
            return false;
        }
    }
}
