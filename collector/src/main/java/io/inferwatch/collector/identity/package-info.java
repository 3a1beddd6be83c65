/** What becomes of the names of users and sessions before anything is kept. */
@NullMarked
package io.inferwatch.collector.identity;

import org.jspecify.annotations.NullMarked;
