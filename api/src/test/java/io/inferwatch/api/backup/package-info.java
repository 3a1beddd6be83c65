@NullMarked
package io.inferwatch.api.backup;

import org.jspecify.annotations.NullMarked;
