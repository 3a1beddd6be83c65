@NullMarked
package io.inferwatch.api.app;

import org.jspecify.annotations.NullMarked;
