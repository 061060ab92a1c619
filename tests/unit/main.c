// SPDX-License-Identifier: MIT
/* Runs the tests of one layer. */
#include "../test.h"

#include <locale.h>

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	return test_run(TEST_LAYER, NULL, NULL);
}
