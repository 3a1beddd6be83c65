package io.inferwatch.collector.proxy.answer;

/**
 * Server-sent events, by the HTML standard's section 9.2.6: lines end in LF, CR or CRLF, a colon at their start is a comment, an
 * empty line ends the event. Of an event only its data is taken. One thread.
 */
final class SseSplitter implements Splitter {
    private static final byte[] DATA = {'d', 'a', 't', 'a'};
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] LINE_END = {'\n'};

    private enum In {
        NAME,
        SPACE,
        VALUE,
        IGNORED
    }

    private final Events events;
    private In in = In.NAME;
    private int nameLength;
    private boolean isDataSoFar = true;
    private boolean isLineFeedOfPair;
    private boolean hasData;
    private int markSeen;

    SseSplitter(Events events) {
        this.events = events;
    }

    @Override
    public void feed(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && markSeen < BYTE_ORDER_MARK.length && bytes[i] == BYTE_ORDER_MARK[markSeen]) {
            markSeen++;
            i++;
        }
        if (i < to) {
            markSeen = BYTE_ORDER_MARK.length;
        }
        while (i < to) {
            i = in == In.VALUE ? value(bytes, i, to) : step(bytes[i], i);
        }
    }

    /** A server that leaves out the last empty line has said all the same what it said. */
    @Override
    public void finish() {
        endLine();
        endEvent();
    }

    private int value(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && bytes[end] != '\n' && bytes[end] != '\r') {
            end++;
        }
        if (from < end) {
            events.data(bytes, from, end);
        }
        return end < to ? step(bytes[end], end) : end;
    }

    /** @return where to go on */
    private int step(byte b, int at) {
        if (b == '\n' && isLineFeedOfPair) {
            isLineFeedOfPair = false;
            return at + 1;
        }
        isLineFeedOfPair = b == '\r';
        if (b == '\n' || b == '\r') {
            boolean isEmpty = in == In.NAME && nameLength == 0;
            endLine();
            if (isEmpty) {
                endEvent();
            }
            return at + 1;
        }
        return inLine(b) ? at + 1 : at;
    }

    /** @return whether the byte is done with */
    private boolean inLine(byte b) {
        if (in == In.SPACE) {
            in = In.VALUE;
            return b == ' ';
        }
        if (in == In.NAME && b == ':') {
            if (isDataSoFar && nameLength == DATA.length) {
                beginData();
            } else {
                in = In.IGNORED;
            }
        } else if (in == In.NAME) {
            isDataSoFar &= nameLength < DATA.length && DATA[nameLength] == b;
            nameLength++;
        }
        return true;
    }

    private void beginData() {
        in = In.SPACE;
        if (hasData) {
            events.data(LINE_END, 0, LINE_END.length);
        }
        hasData = true;
    }

    private void endLine() {
        in = In.NAME;
        nameLength = 0;
        isDataSoFar = true;
    }

    private void endEvent() {
        if (hasData) {
            hasData = false;
            events.end();
        }
    }
}
