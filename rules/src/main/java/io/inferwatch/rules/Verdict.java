package io.inferwatch.rules;

import java.util.List;

/** What a condition came to for one instance, with what its leaves saw. */
public sealed interface Verdict {

    record Holds(List<LeafEvidence> evidence) implements Verdict {
        public Holds {
            evidence = List.copyOf(evidence);
        }
    }

    record DoesNotHold(List<LeafEvidence> evidence) implements Verdict {
        public DoesNotHold {
            evidence = List.copyOf(evidence);
        }
    }

    /** @param reason the reason of the first leaf that has no answer */
    record Unknown(String reason) implements Verdict {}
}
