/** The pure part: who is to be told what, given what each receiver was told before. */
@NullMarked
package io.inferwatch.notifier.conversation;

import org.jspecify.annotations.NullMarked;
