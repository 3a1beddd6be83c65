package io.inferwatch.collector.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The body of a request for a completion, as far as it says whether its tokens are to be counted. */
final class UsageRequest {
    private static final JsonFactory JSON = new JsonFactory();
    private static final byte[] ASKS = "\"stream_options\":{\"include_usage\":true},".getBytes(StandardCharsets.UTF_8);

    private UsageRequest() {}

    /** Whether it asks for a stream and says nothing of the stream's options: who says something means it. */
    static boolean wantsInjection(ByteBuf body) {
        try (JsonParser json = JSON.createParser((InputStream) new ByteBufInputStream(body.duplicate()))) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            boolean isStream = false;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("stream_options")) {
                    return false;
                }
                isStream = name.equals("stream") ? value == JsonToken.VALUE_TRUE : isStream;
                json.skipChildren();
            }
            return isStream && json.nextToken() == null;
        } catch (IOException noJson) {
            // The model server says what is wrong with it.
            return false;
        }
    }

    /** The same body, which it takes over, with the question put first. */
    static ByteBuf injected(ByteBuf body) {
        int begin = body.indexOf(body.readerIndex(), body.writerIndex(), (byte) '{') + 1;
        ByteBuf before = body.readRetainedSlice(begin - body.readerIndex());
        return Unpooled.wrappedBuffer(before, Unpooled.wrappedBuffer(ASKS), body);
    }
}
