/** What every channel has in common: the port, what it is asked to say, how it answers, its settings and secrets. */
@NullMarked
package io.inferwatch.notifier.channel;

import org.jspecify.annotations.NullMarked;
