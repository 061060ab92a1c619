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

int main(int argc, char **argv)
{
	bool have_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0, plugin, busy;
	int status, error;

	/*
	 * A closed standard descriptor would be used again for the first file that is opened, and
	 * output written to that file. So each is opened on "/" with O_PATH, which can't be read or
	 * written, and which unlike /dev/null exists in every chroot.
	 */
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_CLOEXEC) != fd)
			have_output = false;
	setlocale(LC_ALL, "");
#if defined(NSLS_STATIC) && defined(__GLIBC__)
	/*
	 * Keeps a static program from loading shared libraries of another glibc than its own, which
	 * may crash: services of nsswitch.conf(5) that know users, and converters of other
	 * character sets than UTF-8.
	 */
	__nss_configure_lookup("passwd", "files");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0 &&
		strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") != 0)
		setlocale(LC_CTYPE, "C");
#endif
	setlocale(LC_NUMERIC, "C"); /* numbers have a decimal point, in filters and output */
	plugin = options_are_plugin(argc, argv);
	error = plugin ? PLUGIN_UNKNOWN : STATUS_ERROR;
	if (plugin)
		memory_set_failure(STDOUT_FILENO, "NSLS UNKNOWN - out of memory\n", error);
	if (!have_output) {
		message_print(stderr, "standard output is closed");
		return error;
	}
	status = run(argc, argv, plugin, isatty(STDOUT_FILENO), stdout, stderr, &busy);
	/*
	 * An error such as a full disk may show only when the stream is closed. EPIPE needs no
	 * message: the reader has closed the pipe.
	 */
	if (ferror(stdout) || fclose(stdout) != 0) {
		status = error;
		if (errno != EPIPE)
			fprintf(stderr, MESSAGE_PREFIX "standard output: %s\n", strerror(errno));
	}
	if (busy)
		_exit(status);
	return status;
}
