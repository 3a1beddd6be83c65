package io.inferwatch.api.remote;

import io.inferwatch.collector.proxy.InterChunk;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Times between chunks on their way to a sidecar that may be away: equal ones are added up while they wait. Any thread. */
public final class WaitingGaps {
    private static final Logger LOG = LoggerFactory.getLogger(WaitingGaps.class);
    /** Of distinct times; some 2 MB as they are sent. */
    private static final int MOST = 20_000;

    private record Key(String server, String model, String outcome, long micros) {}

    private final Map<Key, Long> counts = new HashMap<>();
    private long dropped;

    /** Past the bound new times are dropped, and counted; more of those that wait are still added up. */
    public synchronized void add(List<InterChunk> gaps) {
        for (InterChunk gap : gaps) {
            Key key = new Key(gap.server(), gap.model(), gap.outcome(), gap.micros());
            if (counts.size() < MOST || counts.containsKey(key)) {
                counts.merge(key, gap.count(), Long::sum);
            } else {
                if (dropped == 0) {
                    LOG.error("more than {} times between chunks wait for the sidecar: further ones are dropped", MOST);
                }
                dropped += gap.count();
            }
        }
    }

    /** What waits, which then waits no more: whoever cannot pass it on gives it back by {@link #add}. */
    public synchronized List<InterChunk> take() {
        List<InterChunk> taken = counts.entrySet().stream()
                .map(each -> new InterChunk(
                        each.getKey().server,
                        each.getKey().model,
                        each.getKey().outcome,
                        each.getKey().micros,
                        each.getValue()))
                .toList();
        counts.clear();
        return taken;
    }

    /** Times that found no room. */
    public synchronized long dropped() {
        return dropped;
    }
}
