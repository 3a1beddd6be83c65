/** Any HTTP receiver, in the JSON that Alertmanager sends. */
@NullMarked
package io.inferwatch.notifier.webhook;

import org.jspecify.annotations.NullMarked;
