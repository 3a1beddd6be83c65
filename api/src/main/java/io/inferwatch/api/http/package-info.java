/** The HTTP API: one controller a subject, nothing computed here. */
@NullMarked
package io.inferwatch.api.http;

import org.jspecify.annotations.NullMarked;
