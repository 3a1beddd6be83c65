@NullMarked
package io.inferwatch.api;

import org.jspecify.annotations.NullMarked;
