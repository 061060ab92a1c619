/* SPDX-License-Identifier: MIT */
/* Judges JSON text as strictly as RFC 8259 and RFC 3629 do, and a key that comes twice is an error.
 */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

/* The first place where text is no longer one JSON value, or NULL where all of it is. */
const char *json_error(const char *text);

#define assert_json(text)                                                                          \
	do {                                                                                       \
		const char *wrong = json_error(text);                                              \
		if (wrong)                                                                         \
			fail_msg("no JSON at '%.40s' of: %s", wrong, text);                        \
	} while (0)

#endif
