package io.inferwatch.gpu;

/** How often a field is worth a driver call. */
enum ReadingClass {
    /** Each poll. */
    BEAT,
    /** What moved over the links, and what went wrong there: counters, so that nothing is missed in between. */
    LINKS,
    /** Memory errors and their repair: counters and flags that change a few times in the life of a GPU. */
    HEALTH
}
