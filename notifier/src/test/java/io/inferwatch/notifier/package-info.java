@NullMarked
package io.inferwatch.notifier;

import org.jspecify.annotations.NullMarked;
