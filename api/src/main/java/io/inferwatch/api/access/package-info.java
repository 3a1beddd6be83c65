/** Who may call what: tokens, scopes, hosts. */
@NullMarked
package io.inferwatch.api.access;

import org.jspecify.annotations.NullMarked;
