package io.inferwatch.rules;

/** Three-valued logic after Kleene: what is not known never decides by itself. */
public enum Truth {
    TRUE,
    FALSE,
    UNKNOWN;

    public static Truth of(boolean holds) {
        return holds ? TRUE : FALSE;
    }

    public Truth negated() {
        return switch (this) {
            case TRUE -> FALSE;
            case FALSE -> TRUE;
            case UNKNOWN -> UNKNOWN;
        };
    }
}
