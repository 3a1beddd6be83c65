package io.inferwatch.collector.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;

/** What is sent without waiting for it: what fails of it arrives at the channel's handlers as an exception. */
final class Wire {
    private Wire() {}

    @SuppressWarnings("FutureReturnValueIgnored") // The void promise tells the pipeline of failures.
    static void write(Channel channel, Object message) {
        channel.write(message, channel.voidPromise());
    }

    static void writeAndClose(Channel channel, Object message) {
        channel.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // A channel that is closed is told of by channelInactive.
    static void close(Channel channel) {
        channel.close();
    }
}
