@NullMarked
package io.inferwatch.api.access;

import org.jspecify.annotations.NullMarked;
