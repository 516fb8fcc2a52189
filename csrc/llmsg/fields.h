/* fields.h - the numbers of known names of fields. */
#ifndef LLMSG_FIELDS_H_
#define LLMSG_FIELDS_H_

#include <stddef.h>
#include <stdint.h>

/* The enum llmsg_field of that name, in any case. */
uint32_t field_id(const char *name, size_t length);

#endif /* LLMSG_FIELDS_H_ */
