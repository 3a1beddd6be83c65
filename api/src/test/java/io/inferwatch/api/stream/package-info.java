@NullMarked
package io.inferwatch.api.stream;

import org.jspecify.annotations.NullMarked;
