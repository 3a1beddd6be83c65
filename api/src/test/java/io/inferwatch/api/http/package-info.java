@NullMarked
package io.inferwatch.api.http;

import org.jspecify.annotations.NullMarked;
