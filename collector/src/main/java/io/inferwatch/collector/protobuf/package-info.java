/** The wire format of protobuf, for those who read a few fields of large messages. Knows no message. */
@NullMarked
package io.inferwatch.collector.protobuf;

import org.jspecify.annotations.NullMarked;
