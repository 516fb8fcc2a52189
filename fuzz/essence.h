/* essence.h - the part of a record that must not depend on how the input is
 * split. */
#ifndef ESSENCE_H_
#define ESSENCE_H_

#include "record.h"

/* Rewrites a record so that it is the same for every split of one input:
 *
 *   - the pieces of a span are one event, without the parser's fields, some of
 *     which grow with the bytes;
 *   - of the results of execute only errors are kept, once each;
 *   - a method, url or header field span before an error is removed, because
 *     its bytes in the piece with the error are never delivered. */
void reduce_to_essence(struct record *record);

#endif /* ESSENCE_H_ */
