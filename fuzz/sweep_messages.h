/* sweep_messages.h - messages that between them reach every state. */
#ifndef SWEEP_MESSAGES_H_
#define SWEEP_MESSAGES_H_

#include <stdint.h>

struct sweep_message {
  uint8_t type;
  const char *text;
};

extern const struct sweep_message SWEEP_MESSAGES[];
extern const unsigned SWEEP_MESSAGE_COUNT;

#endif /* SWEEP_MESSAGES_H_ */
