/* record/base.h - what the recorders have in common: why they stop, and how much they
 * take at once. */
#ifndef RECORD_BASE_H_
#define RECORD_BASE_H_

#ifdef __cplusplus
extern "C" {
#endif

/* Why a recorder stopped. */
enum llx_stop {
  LLX_STOP_END,     /* all was taken */
  LLX_STOP_FULL,    /* not all was: it is to go on once what it wrote is read */
  LLX_STOP_MESSAGE, /* a message is over; of tapes that are to stop there */
  LLX_STOP_UPGRADE, /* another protocol follows */
  LLX_STOP_LIMIT,   /* a limit is crossed; of tapes */
  LLX_STOP_ERROR,   /* the stream is refused */
  LLX_STOP_MEMORY,  /* there is no more; of tapes */
  LLX_STOP_TOO_LONG /* the data are more than LLX_DATA_MAXIMUM; nothing was done */
};

/* The most bytes that a recorder takes in a call. */
enum { LLX_DATA_MAXIMUM = 1 << 29 };

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* RECORD_BASE_H_ */
