@NullMarked
package io.inferwatch.api.remote;

import org.jspecify.annotations.NullMarked;
