@NullMarked
package io.inferwatch.api.config;

import org.jspecify.annotations.NullMarked;
