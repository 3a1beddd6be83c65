/** A heartbeat to a service that raises the alarm when it ends. */
@NullMarked
package io.inferwatch.notifier.watchdog;

import org.jspecify.annotations.NullMarked;
