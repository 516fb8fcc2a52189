#include "fixture.h"
void print_fixture(FILE *out, struct comparison *comparison, const struct testcase *test){(void)out;(void)comparison;(void)test;}
