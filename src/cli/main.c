// SPDX-License-Identifier: MIT
/*
 * nsls: which namespaces exist, their members, and what holds them.
 * src/README.md says what is in which file, and explains the words.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#if defined(NSLS_STATIC) && defined(__GLIBC__)
#include <nss.h>
#endif
#include <unistd.h>

/*
 * Keeps a static program from loading shared libraries of another glibc than its own, which may
 * crash: services of nsswitch.conf(5) that know users, and converters of other character sets than
 * UTF-8.
 */
static void main_avoid_libraries(void)
{
#if defined(NSLS_STATIC) && defined(__GLIBC__)
	const char *codeset = nl_langinfo(CODESET);

	__nss_configure_lookup("passwd", "files");
	if (strcmp(codeset, "UTF-8") != 0 && strcmp(codeset, "ANSI_X3.4-1968") != 0)
		setlocale(LC_CTYPE, "C");
#endif
}

/*
 * Returns false if standard output was closed. Output would be written to the first file that is
 * opened instead. So each closed standard descriptor is opened on "/" with O_PATH, which can't be
 * read or written, and which unlike /dev/null exists in every chroot.
 */
static bool standard_open(void)
{
	bool have_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_CLOEXEC) != fd)
			return false;
	return have_output;
}

/*
 * Returns false if standard output could not be written, after an error message unless the reader
 * has closed the pipe. Closes it, because an error such as a full disk may show only then.
 */
static bool standard_written(void)
{
	if (!ferror(stdout) && fclose(stdout) == 0)
		return true;
	if (errno != EPIPE)
		fprintf(stderr, MESSAGE_PREFIX "standard output: %s\n", strerror(errno));
	return false;
}

int main(int argc, char **argv)
{
	bool have_output = standard_open(), plugin, busy;
	int status, error;

	setlocale(LC_ALL, "");
	main_avoid_libraries();
	setlocale(LC_NUMERIC, "C"); /* numbers have a decimal point, in filters and output */
	plugin = options_are_plugin(argc, argv);
	error = plugin ? PLUGIN_UNKNOWN : STATUS_ERROR;
	if (plugin)
		memory_set_failure(STDOUT_FILENO, "NSLS UNKNOWN - out of memory\n", error);
	if (!have_output) {
		message_print(stderr, "standard output is closed");
		return error;
	}
	status = run(argc, argv, isatty(STDOUT_FILENO), stdout, stderr, &busy);
	if (!standard_written())
		status = error;
	if (busy)
		_exit(status);
	return status;
}
