/* essence.h - what of a record must not depend on how the input is split. */
#ifndef ESSENCE_H_
#define ESSENCE_H_

#include "record.h"

/* Rewrites a record so that it is the same for every split of one input:
 *
 *   - the pieces of a span are one event, without the parser's fields, some of
 *     which grow with the bytes;
 *   - of the returns of execute only those with an error stay, once each;
 *   - a method, url or header field span that an error follows is gone: the
 *     part of it in the piece with the error is never delivered. */
void reduce_to_essence(struct record *record);

#endif /* ESSENCE_H_ */
