/** From the text of rule files to a checked rule set, or to all that is wrong with it. */
@NullMarked
package io.inferwatch.rules.load;

import org.jspecify.annotations.NullMarked;
