/** The outbox in the database. Plain JDBC on the store's one connection. */
@NullMarked
package io.inferwatch.notifier.outbox;

import org.jspecify.annotations.NullMarked;
