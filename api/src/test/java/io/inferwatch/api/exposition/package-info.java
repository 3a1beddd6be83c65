@NullMarked
package io.inferwatch.api.exposition;

import org.jspecify.annotations.NullMarked;
