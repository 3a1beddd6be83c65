package io.inferwatch.collector.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Asks the model server to count a stream's tokens where the client did not ask ({@code stream_options.include_usage} of the
 * OpenAI API), and takes the chunk that only tells them out of the answer again. It needs the whole body of a request
 * before it goes on, up to {@link #LARGEST_BODY_BYTES}; a larger one, and whatever it does not understand, goes on as it is.
 * Between the codec and {@link ClientHandler}, which measures what the server really sent. On its event loop.
 */
final class UsageInjector extends ChannelDuplexHandler {
    private static final int LARGEST_BODY_BYTES = 8 << 20;

    private final Deque<Boolean> areInjected = new ArrayDeque<>();
    private @Nullable HttpRequest head;
    private @Nullable ByteBuf body;
    private @Nullable UsageStripper stripper;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request && !(message instanceof HttpContent)) {
            if (isCandidate(request)) {
                head = request;
                body = ctx.alloc().buffer();
            } else {
                areInjected.addLast(false);
                ctx.fireChannelRead(message);
            }
        } else if (message instanceof HttpContent content && body != null) {
            gather(ctx, content, body);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private static boolean isCandidate(HttpRequest request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        return request.decoderResult().isSuccess()
                && request.method().equals(HttpMethod.POST)
                && path.endsWith("/completions")
                && request.headers()
                        .get(HttpHeaderNames.CONTENT_TYPE, "")
                        .toLowerCase(Locale.ROOT)
                        .contains("json")
                && !request.headers().contains(HttpHeaderNames.CONTENT_ENCODING)
                && !HttpUtil.is100ContinueExpected(request);
    }

    private void gather(ChannelHandlerContext ctx, HttpContent content, ByteBuf into) {
        boolean isLast = content instanceof LastHttpContent;
        boolean isWhole = isLast && content.decoderResult().isSuccess();
        if (into.readableBytes() + content.content().readableBytes() > LARGEST_BODY_BYTES || (isLast && !isWhole)) {
            goOn(ctx, into, false);
            ctx.fireChannelRead(content);
            return;
        }
        into.writeBytes(content.content());
        if (!isLast) {
            content.release();
            return;
        }
        boolean isInjected = UsageRequest.wantsInjection(into);
        goOn(ctx, isInjected ? UsageRequest.injected(into) : into, isInjected);
        LastHttpContent end = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        end.trailingHeaders().set(((LastHttpContent) content).trailingHeaders());
        content.release();
        ctx.fireChannelRead(end);
    }

    /** Hands on the head and what came of the body. */
    private void goOn(ChannelHandlerContext ctx, ByteBuf gathered, boolean isInjected) {
        HttpRequest request = head;
        head = null;
        body = null;
        areInjected.addLast(isInjected);
        if (request != null) {
            if (isInjected) {
                // What is compressed cannot be looked into.
                request.headers().remove(HttpHeaderNames.ACCEPT_ENCODING);
                if (HttpUtil.isContentLengthSet(request)) {
                    HttpUtil.setContentLength(request, gathered.readableBytes());
                }
            }
            ctx.fireChannelRead(request);
        }
        ctx.fireChannelRead(new DefaultHttpContent(gathered));
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // The promise tells the writer.
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse answer && answer.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            boolean isInjected = Boolean.TRUE.equals(areInjected.pollFirst());
            stripper = isInjected && isStream(answer) ? new UsageStripper() : null;
        }
        UsageStripper strips = stripper;
        if (strips == null || !(message instanceof HttpContent content)) {
            ctx.write(message, promise);
            return;
        }
        ByteBuf left = strips.take(content.content(), content instanceof LastHttpContent);
        if (content instanceof LastHttpContent) {
            stripper = null;
        }
        HttpContent replaced = content.replace(left);
        content.release();
        ctx.write(replaced, promise);
    }

    private static boolean isStream(HttpResponse answer) {
        return answer.status().code() == 200
                && answer.headers()
                        .get(HttpHeaderNames.CONTENT_TYPE, "")
                        .toLowerCase(Locale.ROOT)
                        .startsWith("text/event-stream")
                && !answer.headers().contains(HttpHeaderNames.CONTENT_ENCODING)
                && !HttpUtil.isContentLengthSet(answer);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ByteBuf gathered = body;
        body = null;
        head = null;
        if (gathered != null) {
            gathered.release();
        }
        ctx.fireChannelInactive();
    }
}
