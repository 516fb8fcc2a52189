/* poison.h - marks bytes that may not be read for the address sanitizer, and gets
 * a call when the sanitizer ends the program. */
#ifndef POISON_H_
#define POISON_H_

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef WITH_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define poison(FROM, TO)                                                       \
  __asan_poison_memory_region(FROM, (size_t)((TO) - (FROM)))
#define unpoison(FROM, TO)                                                     \
  __asan_unpoison_memory_region(FROM, (size_t)((TO) - (FROM)))
#define on_sanitizer_error(FUNCTION) __sanitizer_set_death_callback(FUNCTION)
#else
#define poison(FROM, TO) ((void)(FROM), (void)(TO))
#define unpoison(FROM, TO) ((void)(FROM), (void)(TO))
#define on_sanitizer_error(FUNCTION) ((void)(FUNCTION))
#endif

#endif /* POISON_H_ */
