package io.inferwatch.collector.proxy;

/** The same where Netty's library for epoll cannot be loaded. */
final class ProxyOverSelectorTest extends ProxyHttpTest {
    @Override
    EventLoops loops() {
        return new EventLoops(1, false);
    }
}
