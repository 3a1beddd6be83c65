/** Alertmanager's own API, to which this sidecar is one more sender of alerts. */
@NullMarked
package io.inferwatch.notifier.alertmanager;

import org.jspecify.annotations.NullMarked;
