/* judge.h - what the recorders should write.
 *
 * The judge reads a whole stream in one piece with plain callbacks, and without a lexicon,
 * pauses or room to run out of. It is simple on purpose: where a recorder and the judge
 * differ, the judge is easy to check by hand.
 */
#ifndef JUDGE_H_
#define JUDGE_H_

#include "outline.h"
#include "stream.h"

void judge_tape(const struct stream *stream, struct outline *expected);
void judge_calls(const struct stream *stream, struct outline *expected);

#endif /* JUDGE_H_ */
