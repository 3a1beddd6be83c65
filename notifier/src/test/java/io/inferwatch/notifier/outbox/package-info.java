@NullMarked
package io.inferwatch.notifier.outbox;

import org.jspecify.annotations.NullMarked;
