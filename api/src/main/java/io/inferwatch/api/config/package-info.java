/** The only reader of files and environment: what is in force and where it came from. */
@NullMarked
package io.inferwatch.api.config;

import org.jspecify.annotations.NullMarked;
